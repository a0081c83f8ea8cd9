import Logging

extension ChatService {
    /// How many runs are taken over at a time.
    private static let recoveryBatch = 100

    /// Ends this node's runs from before it started: their text is completed from the journal, their status is
    /// `interrupted`.
    func endOldRuns() async throws(ChatError) {
        let journaled = try journal?.recover()
        if let skipped = journaled?.skipped, skipped > 0 {
            logger.warning("Damaged bytes in the journal were skipped", metadata: ["bytes": "\(skipped)"])
        }
        try await takeOver(includingOwn: true, own: journaled?.records ?? [:])
        if let files = journaled?.files { journal?.remove(files) }
    }

    /// Looks for runs of nodes that are gone, again and again.
    func reapRepeatedly() async {
        while !Task.isCancelled {
            // Ends early only when the task is cancelled.
            try? await Task.sleep(for: configuration.reaperInterval)
            guard !Task.isCancelled else { return }
            do throws(ChatError) {
                try await takeOver(includingOwn: false, own: [:])
            } catch {
                logger.warning("Runs of other nodes could not be looked at", metadata: ["error": "\(error.message)"])
            }
        }
    }

    private func takeOver(includingOwn: Bool, own: [String: [JournalRecord]]) async throws(ChatError) {
        while true {
            let runs = try await store.takeOverRuns(
                node: configuration.node,
                includingOwn: includingOwn,
                lease: configuration.lease,
                limit: Self.recoveryBatch
            )
            let others = runs.isEmpty ? [:] : try otherRecords()
            for run in runs {
                let id = run.message.id
                try await end(run, records: own[id] ?? others[id] ?? [])
            }
            if runs.count < Self.recoveryBatch { return }
        }
    }

    private func otherRecords() throws(ChatError) -> [String: [JournalRecord]] {
        var records: [String: [JournalRecord]] = [:]
        for directory in configuration.otherJournals {
            records.merge(try Journal.contents(of: directory).records) { first, _ in first }
        }
        return records
    }

    private func end(_ run: Run, records: [JournalRecord]) async throws(ChatError) {
        var answer = run.message
        answer.apply(records)
        // A log that is out of reach leaves what the store has.
        let logged = (try? await runLog.frames(of: answer.id, after: answer.materializedSeq)) ?? []
        answer.apply(logged.map(JournalRecord.init))
        answer.status = run.isStopRequested ? .cancelled : .interrupted
        answer.stopReason = run.isStopRequested ? .cancelled : nil
        answer.failure = run.isStopRequested ? nil : Message.Failure(.interrupted)
        answer.materializedSeq += 1
        let fence = RunFence(messageID: answer.id, node: run.node, leaseEpoch: run.leaseEpoch)
        let spending = await spending(ofLost: run, answer: answer)
        guard try await store.finishRun(RunFinish(fence: fence, answer: answer, usage: nil, spending: spending)) else {
            return
        }
        let terminal = RunFrames(RunIdentity(run)).terminal(answer, requestID: run.requestID)
        pubSub.publish([terminal], to: Self.channel(ofConversation: answer.conversationID))
        await runLog.expire(answer.id, after: configuration.logRetention)
        logger.info("An interrupted answer was ended", metadata: ["ss.message.id": "\(answer.id)"])
    }
}

extension Message {
    /// Adds what `records` say beyond ``materializedSeq``, up to the first hole.
    mutating func apply(_ records: [JournalRecord]) {
        for record in records where record.seq > materializedSeq {
            guard record.fromSeq == materializedSeq + 1, record.kind != .terminal else { return }
            switch record.kind {
            case .text: content += record.text
            case .thinking: thinkingText = (thinkingText ?? "") + record.text
            default: break
            }
            materializedSeq = record.seq
        }
    }
}

extension JournalRecord {
    /// The unescaped delta.
    fileprivate var text: String {
        let quote = [UInt8(ascii: "\"")]
        return JSONView(quote + payload + quote).string ?? ""
    }
}

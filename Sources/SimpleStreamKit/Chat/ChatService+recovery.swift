import Logging
import Synchronization

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
        // Runs of other nodes are looked at twice, except by those who do not stay.
        let others = configuration.reapsAtStart ? nil : [String]()
        try await takeOver(includingOwn: true, among: others, own: journaled?.records ?? [:])
        if let files = journaled?.files { journal?.remove(files) }
    }

    /// Looks for runs of nodes that are gone, again and again.
    ///
    /// After an outage of the store all leases have run out, and the nodes that live extend them at once. So a run is
    /// ended only when it was abandoned at the look before, too: while the store answers, and with time between.
    func reapRepeatedly() async {
        var suspects: Set<String> = []
        while !Task.isCancelled {
            // Ends early only when the task is cancelled.
            try? await Task.sleep(for: configuration.reaperInterval)
            guard !Task.isCancelled else { return }
            do throws(ChatError) {
                let expired = try await store.expiredRuns(limit: Self.recoveryBatch)
                let own = live.withLock { Set($0.runs.keys) }
                let abandoned = Set(expired).subtracting(own)
                let confirmed = abandoned.intersection(suspects)
                suspects = abandoned
                if !confirmed.isEmpty { try await takeOver(includingOwn: false, among: Array(confirmed), own: [:]) }
            } catch {
                suspects = []
                logger.warning("Runs of other nodes could not be looked at", metadata: ["error": "\(error.message)"])
            }
        }
    }

    private func takeOver(
        includingOwn: Bool, among ids: [String]?, own: [String: [JournalRecord]]
    ) async throws(ChatError) {
        while true {
            let runs = try await store.takeOverRuns(
                node: configuration.node,
                includingOwn: includingOwn,
                among: ids,
                lease: configuration.lease,
                limit: Self.recoveryBatch
            )
            let others = runs.isEmpty ? [:] : try otherRecords()
            // A log that is out of reach for a moment is waited for, for less time than the new lease holds.
            let patience = ContinuousClock.now + configuration.lease / 2
            for run in runs {
                let id = run.message.id
                let records = own[id] ?? others[id]
                try await end(run, records: records ?? [], waitingForLogUntil: records == nil ? patience : .now)
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

    private func end(
        _ run: Run, records: [JournalRecord], waitingForLogUntil deadline: ContinuousClock.Instant
    ) async throws(ChatError) {
        var answer = run.message
        answer.apply(records)
        let logged = await closedLog(of: answer.id, after: answer.materializedSeq, waitingUntil: deadline)
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

    /// What the log has after `seq`. It is closed first, so that an owner that lives after all shows nothing that is not
    /// read here. Nothing when it stays out of reach: then there is what the store has.
    private func closedLog(
        of messageID: String, after seq: Int, waitingUntil deadline: ContinuousClock.Instant
    ) async -> [Frame] {
        while true {
            do throws(ChatError) {
                try await runLog.close(messageID)
                return try await runLog.frames(of: messageID, after: seq) ?? []
            } catch {
                logger.debug("Run log unavailable", metadata: ["error": "\(error.code.rawValue)"])
            }
            guard ContinuousClock.now < deadline,
                (try? await Task.sleep(for: configuration.checkpointInterval)) != nil
            else { return [] }
        }
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

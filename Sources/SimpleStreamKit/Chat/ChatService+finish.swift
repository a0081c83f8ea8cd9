import Logging
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ChatService {
    /// Stores how a run ended, then tells everyone.
    func finish(_ run: ActiveRun, _ result: Result<Void, any Error>) async {
        // A node that slept beyond its lease stores nothing before it knows that the run is still its own.
        if !run.isLeased(for: configuration.lease) { _ = await save([run], force: true) }
        let stop = run.stopReason
        if stop == .lost { return await tellWhatOwnerStored(of: run) }
        let ending = Ending(result, stop: stop)
        var answer = storedAnswer(of: run, ending)
        // There is nothing left to store, but whoever follows the run is told that it ended.
        if stop == .deleted {
            await settle(run, answer)
            return await announce(run, answer, retryAfter: nil)
        }
        tellSkipped(by: run)
        answer.attachmentIDs = await keepInlineData(of: run)
        let usage = usageRecord(of: run, answer)
        let spending = spending(of: run, usage: answer.usage, cost: answer.costMicroUSD)
        let finish = RunFinish(fence: run.fence, answer: answer, usage: usage, spending: spending)
        guard await commit(finish, of: run) else {
            return await tellWhatOwnerStored(of: run)
        }
        tally.ended(answer)
        await announce(run, answer, retryAfter: ending.retryAfter)
        if ending.status == .complete, wantsTitle(run) { enqueue.yield(.title(run, answer: answer.content)) }
    }

    /// Counts what a run came to whose row is gone.
    private func settle(_ run: ActiveRun, _ answer: Message) async {
        guard !run.charges.isEmpty else { return }
        do throws(ChatError) {
            try await store.settle(
                run.identity.messageID, spending(of: run, usage: answer.usage, cost: answer.costMicroUSD))
        } catch {
            // What it had reserved counts until the period ends.
            logger.warning("A deleted answer could not be settled", metadata: ["error": "\(error.message)"])
        }
    }

    /// What a provider sent that nobody knows is worth a look, not a failure.
    private func tellSkipped(by run: ActiveRun) {
        let skipped = run.live.withLock { $0.state.skipped }
        guard skipped.count > 0 else { return }
        logger.debug(
            "The provider sent what nobody knows; it was skipped",
            metadata: [
                "ss.message.id": "\(run.identity.messageID)", "ss.provider": "\(run.identity.provider)",
                "count": "\(skipped.count)", "kinds": "\(skipped.kinds.keys.sorted().joined(separator: ", "))",
            ])
    }

    /// How a run ended.
    private struct Ending {
        var status: Message.Status
        var stopReason: FinishReason?
        var failure: Message.Failure?
        var retryAfter: Duration?

        init(_ result: Result<Void, any Error>, stop: ActiveRun.Stop?) {
            guard case .failure(let error) = result else {
                status = .complete
                return
            }
            if stop == .user || stop == .deleted {
                status = .cancelled
                stopReason = .cancelled
                return
            }
            let failure = Self.failure(error, stop: stop)
            status = failure.code == .interrupted ? .interrupted : .failed
            self.failure = Message.Failure(failure)
            retryAfter = failure.retryAfter
        }

        private static func failure(_ error: any Error, stop: ActiveRun.Stop?) -> ChatError {
            switch stop {
            case .stalled: ChatError(.providerStalled, "The provider has been silent for too long.")
            case .draining: .interrupted
            default: error as? ChatError ?? .unexplained
            }
        }
    }

    private func storedAnswer(of run: ActiveRun, _ ending: Ending) -> Message {
        run.live.withLock { live in
            var answer = Message(
                id: run.identity.messageID,
                conversationID: run.identity.conversationID,
                parentID: run.ticket.userMessageID,
                role: .assistant,
                content: live.state.content,
                provider: run.identity.provider,
                model: run.identity.model,
                status: ending.status,
                createdAt: run.ticket.createdAt
            )
            answer.thinkingText = live.state.thinking.isEmpty ? nil : live.state.thinking
            answer.thinkingDuration = live.state.thinkingDuration
            answer.stopReason = ending.stopReason ?? (ending.status == .complete ? live.state.finishReason : nil)
            answer.failure = ending.failure
            answer.citations = live.state.citations
            answer.toolCalls = live.state.toolCalls
            answer.providerState = live.state.providerState
            // Before the terminal event is numbered, which would look like something the provider said.
            answer.usage = live.usage(isComplete: ending.status == .complete)
            answer.materializedSeq = live.state.nextSeq()
            answer.costMicroUSD = answer.usage.flatMap { usage in
                let served = live.state.servedModel.flatMap { catalog.known($0, of: run.identity.provider) }
                return (served ?? catalog.model(run.identity.model, of: run.identity.provider)).cost(of: usage)
            }
            return answer
        }
    }

    private func usageRecord(of run: ActiveRun, _ answer: Message) -> UsageRecord? {
        guard let usage = answer.usage else { return nil }
        return UsageRecord(
            userID: run.identity.userID,
            messageID: run.identity.messageID,
            purpose: .answer,
            provider: run.identity.provider,
            model: run.identity.model,
            onOperatorKey: run.live.withLock { $0.isOnOperatorKey },
            usage: usage,
            costMicroUSD: answer.costMicroUSD,
            createdAt: Date()
        )
    }

    /// Pictures the model made become attachments of the answer. One that cannot be kept was shown all the same.
    ///
    /// They count of what the user may store and are never refused: nobody asks again for what was paid for.
    private func keepInlineData(of run: ActiveRun) async -> [String] {
        var ids: [String] = []
        for (index, data) in run.live.withLock({ $0.state.inlineData }).enumerated() {
            let id = UUIDv7.make()
            let type = data.mime.split(separator: "/").last ?? "bin"
            let attachment = Attachment(
                id: id,
                userID: run.identity.userID,
                name: "picture-\(index + 1).\(type)",
                mime: data.mime,
                size: data.bytes.count,
                createdAt: Date()
            )
            do {
                _ = try await blobs.put(id, limit: data.bytes.count, bytes: OneChunk(data.bytes))
                try await store.saveAttachment(attachment, limit: nil)
                ids.append(id)
            } catch {
                logger.warning("A picture could not be kept", metadata: ["ss.message.id": "\(run.identity.messageID)"])
            }
        }
        return ids
    }

    /// Stores the end, again and again while the store is out of reach: nobody is told of an end that is not stored.
    /// False when the run is not this node's any more.
    private func commit(_ finish: RunFinish, of run: ActiveRun) async -> Bool {
        var isInDoubt = false
        var delay = configuration.checkpointInterval
        while true {
            do throws(ChatError) {
                if try await store.finishRun(finish) { return true }
                return isInDoubt ? try await isStored(finish, of: run) : false
            } catch {
                isInDoubt = true
                logger.warning("An answer's end cannot be stored", metadata: ["error": "\(error.message)"])
            }
            // The journal still has the text: the next start ends the run.
            if run.live.withLock({ $0.isLeaving }) {
                live.withLock { $0.needsJournal = true }
                return false
            }
            guard (try? await Task.sleep(for: delay)) != nil else { return false }
            delay = min(delay * 2, .seconds(2))
        }
    }

    /// Whether an earlier try, whose result is unknown, was stored after all.
    private func isStored(_ finish: RunFinish, of run: ActiveRun) async throws(ChatError) -> Bool {
        let stored = try await store.run(finish.answer.id, of: run.identity.userID)?.message
        return stored?.status == finish.answer.status && stored?.materializedSeq == finish.answer.materializedSeq
    }

    /// Another node has the run: readers here get the end it stores, once it does.
    private func tellWhatOwnerStored(of run: ActiveRun) async {
        let id = run.identity.messageID
        // Not at once: the new owner may not have read it yet.
        await runLog.expire(id, after: configuration.logRetention)
        let deadline = ContinuousClock.now + configuration.lease * 3
        while !isDraining, ContinuousClock.now < deadline {
            do throws(ChatError) {
                guard let owned = try await store.run(id, of: run.identity.userID) else {
                    // Not another node's: deleted, with its conversation.
                    let gone = Ending(.failure(CancellationError()), stop: .deleted)
                    return await announce(run, storedAnswer(of: run, gone), retryAfter: nil)
                }
                if owned.message.status != .streaming {
                    let terminal = RunFrames(run.identity).terminal(owned.message, requestID: owned.requestID)
                    return pubSub.publish([terminal], to: run.channel)
                }
            } catch {
                // A store out of reach is asked again.
                logger.debug("Store unavailable", metadata: ["error": "\(error.code.rawValue)"])
            }
            guard (try? await Task.sleep(for: configuration.checkpointInterval)) != nil else { return }
        }
    }

    private func announce(_ run: ActiveRun, _ answer: Message, retryAfter: Duration?) async {
        let terminal = RunFrames(run.identity).terminal(
            answer, requestID: run.request.requestID, retryAfter: retryAfter)
        let id = run.identity.messageID
        // Throws only what the closure does, which is nothing.
        try? await pubSub.publish([terminal], to: run.channel, loggedIn: runLog, of: id) { logged in
            guard case .failure(let error) = logged else { return }
            logger.debug("Run log unavailable", metadata: ["error": "\(error.code.rawValue)"])
        }
        await runLog.expire(id, after: configuration.logRetention)
    }
}

extension ActiveRun.Live {
    /// What the provider counted; estimated when it was stopped before it did. Nil when it was never heard.
    fileprivate func usage(isComplete: Bool) -> TokenUsage? {
        if let usage = state.usage, isComplete || usage.outputTokens > 0 { return usage }
        // Stopped before the first word: what was read is all there is.
        guard let prompt, state.hasBegun else { return state.usage }
        var estimate = TokenEstimate.usage(prompt: prompt, answer: state.content, thinking: state.thinking)
        if let counted = state.usage, counted.inputTokens > 0 {
            estimate.inputTokens = counted.inputTokens
            estimate.cachedInputTokens = counted.cachedInputTokens
            estimate.cacheWriteTokens = counted.cacheWriteTokens
        }
        return estimate
    }
}

extension RunFrames {
    /// The last event of a run, made of what is stored of it.
    func terminal(_ answer: Message, requestID: String? = nil, retryAfter: Duration? = nil) -> Frame {
        switch answer.status {
        case .failed, .interrupted:
            let failure =
                answer.failure ?? Message.Failure(answer.status == .failed ? .unexplained : ChatError.interrupted)
            return error(
                failure, seq: answer.materializedSeq, title: nil, requestID: requestID, retryAfter: retryAfter)
        default:
            return response(answer, title: nil)
        }
    }
}

extension ChatError {
    static let interrupted = ChatError(.interrupted, "The answer was cut off when the server stopped.")
    static let unexplained = ChatError(.internal, "The answer failed.")
}

/// A sequence of one piece.
struct OneChunk: AsyncSequence, AsyncIteratorProtocol {
    private var bytes: [UInt8]?

    init(_ bytes: [UInt8]) { self.bytes = bytes.isEmpty ? nil : bytes }

    func makeAsyncIterator() -> OneChunk { self }

    mutating func next() async throws -> [UInt8]? {
        defer { bytes = nil }
        return bytes
    }
}

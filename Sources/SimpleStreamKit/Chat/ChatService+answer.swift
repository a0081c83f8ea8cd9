import Logging
import Synchronization

extension ChatService {
    /// Carries out a run from the first byte to the terminal event.
    func answer(_ run: ActiveRun) async {
        // Unstructured, to run where the provider's bytes arrive and to be cancelled on its own; awaited below.
        let streaming = Task(executorPreference: provider(named: run.identity.provider)?.executor) {
            try await self.stream(run)
        }
        run.started(streaming)
        let result = await withTaskCancellationHandler {
            await streaming.result
        } onCancel: {
            run.stop(.draining)
        }
        // Unstructured, so that an end is stored even when the service's own task is cancelled; awaited.
        let finishing = Task { await self.finish(run, result) }
        run.finishing(by: finishing)
        await finishing.value
        ended(run.identity.messageID)
    }

    /// Lets the provider answer, again when it fails before its first event and may not the next time.
    private func stream(_ run: ActiveRun) async throws {
        guard let provider = provider(named: run.identity.provider),
            let credential = try run.credential.get()
        else {
            let name = run.identity.provider
            throw ChatError(
                .noProviderKey, "There is no key for \(name). Save one, as with `ss-cli keys set \(name)`.")
        }
        run.live.withLock { $0.isOnOperatorKey = credential.isOperators }
        var budget = ContextBudget(
            for: catalog.model(run.identity.model, of: provider.name), options: run.request.options)
        var attempt = 1
        var hasShrunk = false
        while true {
            let prompt = try await makePrompt(for: run, budget: budget)
            try await reserveWhole(prompt, for: run)
            do {
                return try await relay(run, prompt, provider, credential.value)
            } catch let error as ChatError {
                guard !run.live.withLock({ $0.state.hasBegun || $0.stop != nil }) else { throw error }
                if error.code == .contextLengthExceeded, !hasShrunk, prompt.messages.count > 1 {
                    hasShrunk = true
                    budget = budget.smaller(than: prompt, after: error)
                    continue
                }
                guard error.isRetryable, attempt < configuration.maxAttempts else { throw error }
                let delay = error.retryAfter ?? Self.backoff(attempt)
                guard delay <= configuration.maxRetryDelay else { throw error }
                attempt += 1
                run.live.withLock { $0.lastActivity = .now + delay }
                try await Task.sleep(for: delay)
            }
        }
    }

    /// Half a second, doubled with every try, give or take a half.
    private static func backoff(_ attempt: Int) -> Duration {
        .milliseconds(Int(500 * Double(1 << min(attempt - 1, 6)) * Double.random(in: 0.5...1.5)))
    }

    private func relay(
        _ run: ActiveRun, _ prompt: Prompt, _ provider: any ChatProvider, _ credential: Credential
    ) async throws {
        run.live.withLock { live in
            live.prompt = prompt
            live.lastActivity = .now
        }
        try await provider.withReply(to: prompt, using: credential) { reply in
            while let batch = try await reply.nextBatch() {
                guard let frames = run.apply(batch) else { throw ChatError(.cancelled, "The run was stopped.") }
                if !frames.isEmpty { try await publish(frames, of: run) }
                try run.checkLength()
            }
        }
        guard run.live.withLock({ $0.state.finishReason != nil }) else {
            throw ChatError(.providerProtocol, "The provider's answer ended without saying so.", isRetryable: true)
        }
    }

    private func makePrompt(for run: ActiveRun, budget: ContextBudget) async throws(ChatError) -> Prompt {
        let attachments = try await attachments(of: run.branch, userID: run.identity.userID)
        var (prompt, dropped) = History.prompt(
            from: run.branch,
            model: run.identity.model,
            provider: run.identity.provider,
            system: run.request.systemPrompt,
            attachments: attachments,
            options: run.request.options,
            budget: budget
        )
        prompt.tools = run.request.tools
        prompt.responseSchema = run.request.responseSchema
        if dropped + run.omittedMessages > 0 {
            let notice = RunFrames(run.identity).trimmed(
                droppedMessages: dropped + run.omittedMessages,
                reason: dropped > 0 ? "context_length" : "history_length")
            pubSub.publish([notice], to: run.channel)
        }
        return prompt
    }

    private func attachments(
        of branch: [Message], userID: String
    ) async throws(ChatError) -> [String: (Attachment, [UInt8])] {
        let ids = branch.flatMap(\.attachmentIDs)
        guard !ids.isEmpty else { return [:] }
        var result: [String: (Attachment, [UInt8])] = [:]
        var bytes = 0
        // The newest first: of more than may be sent, the oldest stay behind and the prompt says so.
        for attachment in try await store.attachments(ids, of: userID).reversed() {
            bytes += attachment.size
            guard bytes <= configuration.sizes.attachmentBytes else { break }
            do {
                result[attachment.id] = (attachment, try await blobs.get(attachment.id))
            } catch  where error.code == .notFound {
                continue  // Gone; the prompt says so.
            }
        }
        return result
    }

    // MARK: Log first, then sockets

    /// Makes frames survive this process, then lets readers have them.
    func publish(_ frames: [Frame], of run: ActiveRun) async throws {
        try await holdLease(of: run)
        try await log(frames, of: run)
        let id = run.identity.messageID
        try await pubSub.publish(frames, to: run.channel, loggedIn: runLog, of: id) { logged in
            var isDoubtful = false
            if case .failure(let error) = logged {
                // Closed by a node that took the run over? The store knows.
                isDoubtful = error.code == .interrupted
                // Readers elsewhere find the hole by number and fill it from the store.
                run.live.withLock { $0.unloggedSeq = $0.state.seq }
                logger.debug("Run log unavailable", metadata: ["error": "\(error.code.rawValue)"])
            }
            // Logging may have taken longer than the lease holds.
            try await holdLease(of: run, isDoubtful: isDoubtful)
        }
    }

    private func log(_ frames: [Frame], of run: ActiveRun) async throws {
        guard let journal else { return }
        while true {
            do throws(ChatError) {
                return try journal.append(frames)
            } catch {
                logger.warning("Journal unavailable", metadata: ["error": "\(error.message)"])
            }
            // What cannot be logged is stored before it is shown; when that fails too, the run waits.
            if await save([run], force: true) { return }
            try await Task.sleep(for: configuration.checkpointInterval)
        }
    }

    /// A node that was stopped for longer than its lease asks the store whether the run is still its own.
    private func holdLease(of run: ActiveRun, isDoubtful: Bool = false) async throws {
        var isDoubtful = isDoubtful
        while isDoubtful || !run.isLeased(for: configuration.lease) {
            if await save([run], force: true) {
                isDoubtful = false
                if run.stopReason == .lost { break }
                continue
            }
            if run.stopReason != nil { throw ChatError(.cancelled, "The run was stopped.") }
            try await Task.sleep(for: configuration.checkpointInterval)
        }
        if run.stopReason == .lost { throw ChatError(.cancelled, "The run belongs to another node.") }
    }
}

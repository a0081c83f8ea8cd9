import Synchronization

extension ChatService {
    /// A reader of this user's events.
    ///
    /// - Parameters:
    ///   - id: the connection's id; what the connection itself says about typing does not come back to it.
    ///   - onReady: called on some thread when there is something to take, once until it was taken.
    public func openMailbox(
        of userID: String, id: String? = nil, onReady: @escaping @Sendable () -> Void
    ) -> Mailbox {
        let mailbox = Mailbox(id: id ?? UUIDv7.make(), userID: userID, limits: configuration.mailbox, onReady: onReady)
        {
            [enqueue] mailbox, messageID, seq in
            enqueue.yield(.catchUp(mailbox, messageID: messageID, after: seq, .gap))
        }
        mailboxes.withLock { $0.append(WeakMailbox(mailbox: mailbox)) }
        mailbox.subscribe(to: Self.channel(ofUser: userID), of: pubSub)
        return mailbox
    }

    /// Lets `mailbox` follow a conversation, and gives it what a run in it said after `seq`.
    ///
    /// - Parameter messageID: the run; nil means the active one, else the last answer of the active branch.
    /// - Throws: `not_found`, `storage_unavailable`.
    public func subscribe(
        _ mailbox: Mailbox, to conversationID: String, messageID: String?, after seq: Int
    ) async throws(ChatError) {
        guard let conversation = try await store.conversation(conversationID, of: mailbox.userID) else {
            throw ChatError(.notFound, "There is no such conversation.")
        }
        var id = messageID
        if id == nil {
            id =
                try await store.activeRuns(of: mailbox.userID, in: conversationID).last?.message.id
                ?? conversation.activeLeafID
        }
        if let messageID {
            let run = try await store.run(messageID, of: mailbox.userID)
            guard run?.message.conversationID == conversationID else {
                throw ChatError(.notFound, "There is no such message.")
            }
        }
        await follow(mailbox, conversationID, runID: id, after: seq)
    }

    /// Lets `mailbox` follow a conversation, and gives it what it lacks of a run.
    func follow(_ mailbox: Mailbox, _ conversationID: String, runID: String?, after seq: Int) async {
        // What arrives before the older frames are there is held from the first on.
        let channel = Self.channel(ofConversation: conversationID)
        let begins = runID.map { mailbox.beginCatchingUp($0, on: channel, after: seq, .asked) } ?? false
        await mailbox.follow(channel, of: pubSub)
        if let runID, begins { await readMissing(for: mailbox, messageID: runID, after: seq, .asked) }
    }

    /// Ends what ``subscribe(_:to:messageID:after:)`` began. Runs go on.
    public func unsubscribe(_ mailbox: Mailbox, from conversationID: String) {
        mailbox.unsubscribe(from: Self.channel(ofConversation: conversationID))
    }

    /// How often a snapshot that does not reach far enough is tried again, and how long after.
    private static let snapshotTries = 20
    private static let snapshotDelay = Duration.milliseconds(100)

    /// Gives `mailbox` what it lacks of a run of its user: from the log, else as a snapshot.
    func catchUp(_ mailbox: Mailbox, messageID: String, after seq: Int, _ reason: CatchUpReason) async {
        guard mailbox.beginCatchingUp(messageID, after: seq, reason) else { return }
        await readMissing(for: mailbox, messageID: messageID, after: seq, reason)
    }

    private func readMissing(
        for mailbox: Mailbox, messageID: String, after seq: Int, _ reason: CatchUpReason
    ) async {
        var tries = Self.snapshotTries
        while mailbox.isReading(messageID) {
            do throws(ChatError) {
                guard let run = try await store.run(messageID, of: mailbox.userID) else {
                    return mailbox.runIsGone(messageID)
                }
                if try await deliver(run, after: seq, to: mailbox, isLastTry: tries == 0) { return }
                tries -= 1
            } catch {
                // Who asked can ask again; who did not is helped when the store is back.
                if reason == .asked {
                    mailbox.post([Notice.error(error, requestID: nil)])
                    return mailbox.stopCatchingUp(messageID)
                }
            }
            guard (try? await Task.sleep(for: Self.snapshotDelay)) != nil else {
                return mailbox.stopCatchingUp(messageID)
            }
        }
    }

    /// False when what there is would take the reader back, or leave a hole before what waits for it.
    private func deliver(
        _ run: Run, after seq: Int, to mailbox: Mailbox, isLastTry: Bool
    ) async throws(ChatError) -> Bool {
        let message = run.message
        guard let logged = await logged(message.id, after: seq) else {
            return try await deliverSnapshot(of: run, after: seq, to: mailbox, isLastTry: isLastTry)
        }
        let isOver = logged.last?.kind == .terminal
        // An end that the reader has, or that is not in the log, is told from the store.
        guard isOver || message.status == .streaming else {
            deliverStored(run, newer: [], to: mailbox)
            return true
        }
        mailbox.caughtUp(
            message.id,
            with: [RunFrames(RunIdentity(run)).resumed(at: seq)] + Frame.coalescing(logged),
            to: logged.last?.seq ?? seq,
            isOver: isOver
        )
        return true
    }

    /// The text so far, stored before it is shown, and whatever the log has beyond it.
    private func deliverSnapshot(
        of run: Run, after seq: Int, to mailbox: Mailbox, isLastTry: Bool
    ) async throws(ChatError) -> Bool {
        let id = run.message.id
        var run = run
        let active = live.withLock { $0.runs[id] }
        if let active, await save([active], force: true) {
            run = try await store.run(id, of: mailbox.userID) ?? run
        }
        guard run.message.status == .streaming else {
            deliverStored(run, newer: [], to: mailbox)
            return true
        }
        let newer = await logged(id, after: run.message.materializedSeq) ?? []
        let reach = newer.last?.seq ?? run.message.materializedSeq
        guard active != nil || isLastTry || reach >= mailbox.needed(of: id, after: seq) else {
            // The node that has the run has more: it is to save it now.
            tellOwners(of: [id])
            return false
        }
        deliverStored(run, newer: newer, to: mailbox)
        return true
    }

    private func deliverStored(_ run: Run, newer: [Frame], to mailbox: Mailbox) {
        let message = run.message
        let frames = RunFrames(RunIdentity(run))
        let isOver = message.status != .streaming
        let seq = isOver ? message.materializedSeq - 1 : message.materializedSeq
        var result = [
            frames.snapshot(
                seq: seq, text: message.content, thinkingText: message.thinkingText, status: message.status)
        ]
        result += isOver ? [frames.terminal(message, requestID: run.requestID)] : Frame.coalescing(newer)
        let last = isOver ? message.materializedSeq : newer.last?.seq ?? seq
        mailbox.caughtUp(message.id, with: result, to: last, isOver: isOver || newer.last?.kind == .terminal)
    }

    /// What the log has from `seq + 1` on, up to the first hole; nil when it does not begin there.
    ///
    /// A frame that begins before was joined elsewhere; its text is in part known to the reader. A log that is out of
    /// reach is as one that has nothing.
    private func logged(_ messageID: String, after seq: Int) async -> [Frame]? {
        guard let frames = try? await runLog.frames(of: messageID, after: seq) else { return nil }
        if let first = frames.first, first.fromSeq != seq + 1 { return nil }
        var last = seq
        return Array(
            frames.prefix { frame in
                guard frame.fromSeq == last + 1 else { return false }
                last = frame.seq
                return true
            })
    }
}

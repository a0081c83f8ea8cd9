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
            enqueue.yield(.catchUp(mailbox, messageID: messageID, after: seq))
        }
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
        mailbox.subscribe(to: Self.channel(ofConversation: conversationID), of: pubSub)
        if let id { await catchUp(mailbox, messageID: id, after: seq) }
    }

    /// Ends what ``subscribe(_:to:messageID:after:)`` began. Runs go on.
    public func unsubscribe(_ mailbox: Mailbox, from conversationID: String) {
        mailbox.unsubscribe(from: Self.channel(ofConversation: conversationID))
    }

    /// Gives `mailbox` what it lacks of a run of its user: from the log, else as a snapshot.
    func catchUp(_ mailbox: Mailbox, messageID: String, after seq: Int) async {
        guard mailbox.beginCatchingUp(messageID, after: seq) else { return }
        do throws(ChatError) {
            guard let run = try await store.run(messageID, of: mailbox.userID) else {
                return mailbox.caughtUp(messageID, with: [], to: seq, isOver: true)
            }
            let frames = RunFrames(RunIdentity(run))
            if let logged = try? await runLog.frames(of: messageID, after: seq) {
                // A log that is out of reach leaves the store.
                deliver(logged, after: seq, of: run, frames, to: mailbox)
            } else {
                try await deliverSnapshot(of: run, frames, to: mailbox)
            }
        } catch {
            mailbox.post([Notice.error(error, requestID: nil)])
            mailbox.caughtUp(messageID, with: [], to: seq, isOver: true)
        }
    }

    private func deliver(_ logged: [Frame], after seq: Int, of run: Run, _ frames: RunFrames, to mailbox: Mailbox) {
        // A frame that begins before `seq` was joined elsewhere; its text is in part known to the reader.
        let isWhole = logged.first.map { $0.fromSeq == seq + 1 } ?? true
        let isOver = logged.last?.kind == .terminal
        // An end that the reader has, or that is not in the log yet, is told from the store.
        guard isWhole, isOver || run.message.status == .streaming else {
            return deliverStored(run, frames, logged: logged, to: mailbox)
        }
        mailbox.caughtUp(
            run.message.id,
            with: [frames.resumed(at: seq)] + Frame.coalescing(logged),
            to: logged.last?.seq ?? seq,
            isOver: isOver
        )
    }

    /// The text so far, stored before it is shown, and whatever the log has beyond it.
    private func deliverSnapshot(
        of run: Run, _ frames: RunFrames, to mailbox: Mailbox
    ) async throws(ChatError) {
        let id = run.message.id
        var run = run
        if let active = live.withLock({ $0.runs[id] }), await save([active], force: true) {
            run = try await store.run(id, of: mailbox.userID) ?? run
        }
        // A log that is out of reach has nothing to add.
        let logged = (try? await runLog.frames(of: id, after: run.message.materializedSeq)) ?? []
        deliverStored(run, frames, logged: logged, to: mailbox)
    }

    private func deliverStored(_ run: Run, _ frames: RunFrames, logged: [Frame], to mailbox: Mailbox) {
        let message = run.message
        let isOver = message.status != .streaming
        let seq = isOver ? message.materializedSeq - 1 : message.materializedSeq
        var result = [
            frames.snapshot(
                seq: seq, text: message.content, thinkingText: message.thinkingText, status: message.status)
        ]
        let newer = logged.filter { $0.fromSeq > seq }
        result += isOver ? [frames.terminal(message, requestID: run.requestID)] : Frame.coalescing(newer)
        let last = isOver ? message.materializedSeq : newer.last?.seq ?? seq
        mailbox.caughtUp(message.id, with: result, to: last, isOver: isOver || newer.last?.kind == .terminal)
    }
}

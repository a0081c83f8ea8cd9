import Synchronization

extension ChatService {
    /// Stops a run: its provider's connection is closed, what it said is kept, its terminal event follows.
    ///
    /// Stopping a run that has ended is no error.
    ///
    /// - Throws: `not_found` when the user has no such run, or none is active in the conversation.
    package func stop(_ reference: RunReference, of userID: String) async throws(ChatError) {
        switch reference {
        case .message(let id):
            try await stop(id, of: userID)
        case .conversation(let id):
            guard try await store.conversation(id, of: userID) != nil else {
                throw ChatError(.notFound, "There is no such conversation.")
            }
            let runs = try await store.activeRuns(of: userID, in: id)
            guard !runs.isEmpty else { throw ChatError(.notFound, "Nothing is being written in this conversation.") }
            for run in runs { try await stop(run.message.id, of: userID) }
        }
    }

    /// Stops the run that writes a message.
    public func stop(_ messageID: String, of userID: String) async throws(ChatError) {
        // What runs here is stopped at once, whatever the store does.
        if let run = live.withLock({ $0.runs[messageID] }), run.identity.userID == userID {
            return run.stop(.user)
        }
        guard let run = try await store.run(messageID, of: userID) else {
            throw ChatError(.notFound, "There is no such run.")
        }
        guard run.message.status == .streaming else { return }
        if try await store.requestStop(messageID, of: userID) { tellOwners(of: [messageID]) }
    }

    /// The user's active runs, oldest first.
    public func activeRuns(of userID: String) async throws(ChatError) -> [Run] {
        try await store.activeRuns(of: userID, in: nil)
    }

    /// How far a run has come: the last sequence number that was said.
    package func seq(of run: Run) -> Int {
        live.withLock { $0.runs[run.message.id] }?.live.withLock { $0.state.seq } ?? run.message.materializedSeq
    }
}

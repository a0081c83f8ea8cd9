import Synchronization

/// A reader that is gone when nobody else holds it.
struct WeakMailbox: Sendable {
    weak var mailbox: Mailbox?
}

extension ChatService {
    /// Looks in the store for what readers here should have heard of other nodes' runs, again and again.
    ///
    /// Frames get lost when nodes lose sight of each other. A hole shows with the next frame, but the last one has none.
    func watchRepeatedly() async {
        while !Task.isCancelled {
            // Ends early only when the task is cancelled.
            try? await Task.sleep(for: configuration.watchInterval)
            guard !Task.isCancelled else { return }
            for (messageID, readers) in silentReaders() {
                // A store out of reach is asked again at the next look.
                guard let userID = readers.first?.mailbox.userID,
                    let run = try? await store.run(messageID, of: userID)
                else { continue }
                for (mailbox, seq) in readers
                where run.message.status != .streaming || run.message.materializedSeq > seq {
                    enqueue.yield(.catchUp(mailbox, messageID: messageID, after: seq, .silence))
                }
            }
        }
    }

    /// Readers of runs that are not this node's and have been silent, and what they have.
    private func silentReaders() -> [String: [(mailbox: Mailbox, seq: Int)]] {
        let open = mailboxes.withLock { mailboxes in
            mailboxes.removeAll { $0.mailbox?.isClosed ?? true }
            return mailboxes.compactMap(\.mailbox)
        }
        var readers: [String: [(mailbox: Mailbox, seq: Int)]] = [:]
        for mailbox in open {
            for (messageID, seq) in mailbox.silentRuns() { readers[messageID, default: []].append((mailbox, seq)) }
        }
        guard !readers.isEmpty else { return readers }
        let own = live.withLock { Set($0.runs.keys) }
        return readers.filter { !own.contains($0.key) }
    }
}

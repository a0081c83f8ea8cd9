/// A mailbox that is read in a loop, by one task.
package final class MailboxReader: Sendable {
    package let mailbox: Mailbox
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// Opens a mailbox of a user.
    package init(of userID: String, in chat: ChatService) {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.signals = signals
        self.signal = signal
        mailbox = chat.openMailbox(of: userID) { signal.yield() }
    }

    /// What has come, waiting when that is nothing; nil when the reader was too slow, was ended, or the
    /// task is cancelled.
    package func next() async -> [Frame]? {
        var iterator = signals.makeAsyncIterator()
        while true {
            let frames = mailbox.take()
            if !frames.isEmpty { return frames }
            guard !mailbox.isOverflowing, await iterator.next() != nil else { return nil }
        }
    }

    /// Lets ``next()`` return nil after what has come. From any thread.
    package func end() { signal.finish() }

    deinit { mailbox.close() }
}

/// The events of one run, for one reader.
public struct ChatEvents: AsyncSequence, Sendable {
    public typealias Element = ChatEvent

    /// What was asked and where it is kept.
    public let ticket: RunTicket
    let reader: MailboxReader

    public func makeAsyncIterator() -> Iterator { Iterator(reader: reader, messageID: ticket.messageID) }

    /// Hands out one event after the other.
    public struct Iterator: AsyncIteratorProtocol {
        let reader: MailboxReader
        let messageID: String
        private var waiting: ArraySlice<ChatEvent> = []
        private var isOver = false

        init(reader: MailboxReader, messageID: String) {
            self.reader = reader
            self.messageID = messageID
        }

        /// The next event; nil after the last.
        ///
        /// - Throws: `cancelled` when the task is, `interrupted` when the reader was too slow to follow: the run goes on.
        public mutating func next() async throws(ChatError) -> ChatEvent? {
            while waiting.isEmpty {
                if isOver { return nil }
                guard let frames = await reader.next() else {
                    if Task.isCancelled { throw ChatError(.cancelled, "Following the answer was cancelled.") }
                    throw ChatError(.interrupted, "The answer came faster than it was read.")
                }
                waiting = frames.filter { $0.belongs(to: messageID) }.compactMap { ChatEvent(decoding: $0.json) }[...]
            }
            let event = waiting.removeFirst()
            isOver = event.isLast
            return event
        }
    }
}

extension Frame {
    /// Whether it says something about that run; notices tell only in their JSON.
    package func belongs(to runID: String) -> Bool {
        kind == .notice ? JSONView(json)["messageId"]?.equals(runID) == true : messageID == runID
    }
}

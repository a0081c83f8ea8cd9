/// A provider's reply as it arrives.
///
/// Pulled: nothing is read from the provider until it is asked for. Can be iterated once.
public struct ReplyEvents: AsyncSequence {
    public typealias Element = ReplyEvent

    /// Returns what can be read now, waiting when that is nothing; nil at the end.
    package let nextBatch: () async throws -> [ReplyEvent]?

    /// Makes a reply of batches: all events that one read of the provider's bytes gave.
    public init(batches nextBatch: @escaping () async throws -> [ReplyEvent]?) {
        self.nextBatch = nextBatch
    }

    /// Makes a reply of any sequence of events.
    public init(_ events: some AsyncSequence<ReplyEvent, any Error>) {
        var iterator = events.makeAsyncIterator()
        nextBatch = { try await iterator.next(isolation: #isolation).map { [$0] } }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(nextBatch: nextBatch) }

    /// Hands out one event after the other.
    public struct Iterator: AsyncIteratorProtocol {
        let nextBatch: () async throws -> [ReplyEvent]?
        private var batch: ArraySlice<ReplyEvent> = []

        init(nextBatch: @escaping () async throws -> [ReplyEvent]?) { self.nextBatch = nextBatch }

        public mutating func next() async throws -> ReplyEvent? {
            while batch.isEmpty {
                guard let more = try await nextBatch() else { return nil }
                batch = more[...]
            }
            return batch.popFirst()
        }
    }
}

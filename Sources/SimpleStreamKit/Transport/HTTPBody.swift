/// The bytes of a response as they arrive. Can be iterated once.
///
/// Each element is everything that arrived since the last one and is never empty.
public struct HTTPBody: AsyncSequence {
    public typealias Element = [UInt8]

    private let nextChunk: () async throws(ChatError) -> [UInt8]?

    /// Makes a body from what returns the next bytes, or nil at the end.
    public init(nextChunk: @escaping () async throws(ChatError) -> [UInt8]?) { self.nextChunk = nextChunk }

    public func makeAsyncIterator() -> Iterator { Iterator(nextChunk: nextChunk) }

    /// Hands out the chunks.
    public struct Iterator: AsyncIteratorProtocol {
        let nextChunk: () async throws(ChatError) -> [UInt8]?

        public mutating func next() async throws(ChatError) -> [UInt8]? { try await nextChunk() }
    }

    /// Reads to the end.
    ///
    /// - Throws: `provider_protocol` when the body is longer than `limit` bytes.
    public func collect(upTo limit: Int) async throws(ChatError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await nextChunk() {
            guard bytes.count + chunk.count <= limit else {
                throw ChatError(.providerProtocol, "The provider's response is longer than \(limit) bytes.")
            }
            bytes += chunk
        }
        return bytes
    }

    /// Reads the first `limit` bytes at most and drops the rest.
    public func prefix(bytes limit: Int) async throws(ChatError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit, let chunk = try await nextChunk() {
            bytes += chunk.prefix(limit - bytes.count)
        }
        return bytes
    }
}

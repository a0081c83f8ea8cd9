import Synchronization

/// Keeps blobs in memory.
public final class InMemoryBlobStore: BlobStore {
    private let blobs = Mutex<[String: [UInt8]]>([:])

    public init() {}

    public func put(_ id: String, limit: Int, bytes: some AsyncSequence<[UInt8], any Error>) async throws -> Int {
        guard UUIDv7.isWellFormed(id) else { throw StoreError.notFound("file") }
        var blob: [UInt8] = []
        for try await chunk in bytes {
            guard chunk.count <= limit - blob.count else { throw StoreError.tooLarge(limit: limit) }
            blob += chunk
        }
        try Task.checkCancellation()
        blobs.withLock { $0[id] = blob }
        return blob.count
    }

    public func get(_ id: String) async throws(ChatError) -> [UInt8] {
        guard let blob = blobs.withLock({ $0[id] }) else { throw StoreError.notFound("file") }
        return blob
    }

    public func delete(_ id: String) async throws(ChatError) {
        guard UUIDv7.isWellFormed(id) else { throw StoreError.notFound("file") }
        blobs.withLock { $0[id] = nil }
    }
}

import Synchronization

/// Keeps blobs in memory.
public final class InMemoryBlobStore: BlobStore {
    private let blobs = Mutex<[String: [UInt8]]>([:])

    public init() {}

    public func put(_ id: String, limit: Int, bytes: some AsyncSequence<[UInt8], any Error>) async throws -> Int {
        var blob: [UInt8] = []
        for try await chunk in bytes {
            guard blob.count + chunk.count <= limit else {
                throw ChatError(.payloadTooLarge, "The file is larger than \(limit) bytes.")
            }
            blob += chunk
        }
        blobs.withLock { $0[id] = blob }
        return blob.count
    }

    public func get(_ id: String) async throws(ChatError) -> [UInt8] {
        guard let blob = blobs.withLock({ $0[id] }) else { throw ChatError(.notFound, "There is no such file.") }
        return blob
    }

    public func delete(_ id: String) async throws(ChatError) {
        blobs.withLock { $0[id] = nil }
    }
}

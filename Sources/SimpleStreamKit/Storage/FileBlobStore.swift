import Dispatch

/// Keeps each blob in a file of its own, named by its id.
///
/// A blob is written to a file beside its place, synced and renamed, so that it is whole or not there, also after a
/// power cut. Files and the directory are their owner's only. Files are read and written on a queue of their own,
/// never on the shared thread pool.
public final class FileBlobStore: BlobStore {
    private let directory: String
    private let queue = DispatchQueue(label: "simple-stream.blobs", attributes: .concurrent)

    /// Opens a directory, or makes it.
    ///
    /// What a crash left half-written in it is removed an hour later. Several processes may use the directory.
    ///
    /// - Throws: `storage_unavailable`.
    public init(directory: String) throws(ChatError) {
        self.directory = directory
        try BlobFile.prepare(directory)
        BlobFile.removeUnfinished(in: directory)
    }

    public func put(_ id: String, limit: Int, bytes: some AsyncSequence<[UInt8], any Error>) async throws -> Int {
        let path = try path(id)
        let unfinished = "\(directory)/\(UUIDv7.make())\(BlobFile.unfinishedSuffix)"
        let file = try await offPool { () throws(ChatError) in try BlobFile(creating: unfinished) }
        var isDone = false
        defer { if !isDone { BlobFile.remove(unfinished) } }
        var size = 0
        var gathered: [UInt8] = []
        for try await chunk in bytes {
            guard chunk.count <= limit - size else { throw StoreError.tooLarge(limit: limit) }
            size += chunk.count
            gathered += chunk
            if gathered.count >= 262_144 {
                let full = gathered
                gathered.removeAll(keepingCapacity: true)
                try await offPool { () throws(ChatError) in try file.write(full) }
            }
        }
        try Task.checkCancellation()
        let rest = gathered
        let directory = directory
        try await offPool { () throws(ChatError) in
            try file.write(rest)
            try file.finish(as: path, in: directory)
        }
        isDone = true
        return size
    }

    public func get(_ id: String) async throws(ChatError) -> [UInt8] {
        let path = try path(id)
        return try await offPool { () throws(ChatError) in try BlobFile.read(path) }
    }

    public func delete(_ id: String) async throws(ChatError) {
        let path = try path(id)
        try await offPool { () throws(ChatError) in try BlobFile.delete(path) }
    }

    /// Only ids of ours become paths.
    private func path(_ id: String) throws(ChatError) -> String {
        guard UUIDv7.isWellFormed(id) else { throw StoreError.notFound("file") }
        return "\(directory)/\(id)"
    }

    private func offPool<R: Sendable>(
        _ body: @escaping @Sendable () throws(ChatError) -> R
    ) async throws(ChatError) -> R {
        let result: Result<R, ChatError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result { () throws(ChatError) in try body() }) }
        }
        return try result.get()
    }
}

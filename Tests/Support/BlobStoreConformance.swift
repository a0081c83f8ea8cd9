public import SimpleStreamKit

/// The rules of every ``BlobStore``, each on an empty one.
public enum BlobStoreConformance {
    public struct Check: Sendable, CustomStringConvertible {
        public let description: String
        let body: @Sendable (any BlobStore) async throws -> Void

        /// Runs the check.
        ///
        /// Throws ``ConformanceFailure``.
        public func run(_ store: any BlobStore) async throws { try await body(store) }
    }

    public static let checks = [
        Check(description: "a blob comes back whole") { store in
            let blobs: [[[UInt8]]] = [[], [[]], [[1, 2], [], [3]], Array(repeating: large, count: 5)]
            for chunks in blobs {
                let id = UUIDv7.make()
                let whole = Array(chunks.joined())
                try requireEqual(await store.put(id, limit: whole.count, bytes: stream(chunks)), whole.count)
                try require(await store.get(id) == whole, "a blob of \(whole.count) bytes changed")
            }
        },
        Check(description: "a second put replaces the first") { store in
            let id = UUIDv7.make()
            _ = try await store.put(id, limit: 9, bytes: stream([[1, 2, 3]]))
            _ = try await store.put(id, limit: 9, bytes: stream([[4]]))
            try requireEqual(await store.get(id), [4])
        },
        Check(description: "more than the limit leaves nothing") { store in
            let id = UUIDv7.make()
            for (limit, chunks) in [(2, [[1, 2, 3]]), (2, [[1, 2], [3]]), (0, [[1]]), (-1, [[1]])] as [(Int, [[UInt8]])]
            {
                try requireEqual(
                    await code { _ = try await store.put(id, limit: limit, bytes: stream(chunks)) }, .payloadTooLarge)
                try requireEqual(await code { _ = try await store.get(id) }, .notFound)
            }
        },
        Check(description: "a failing upload leaves nothing, or what was there") { store in
            let id = UUIDv7.make()
            for before in [nil, [9]] as [[UInt8]?] {
                if let before { _ = try await store.put(id, limit: 1, bytes: stream([before])) }
                do {
                    _ = try await store.put(id, limit: .max, bytes: stream([large, large], failing: true))
                    throw ConformanceFailure(description: "the upload's error was lost")
                } catch is UploadFailure {}
                if let before {
                    try requireEqual(await store.get(id), before)
                } else {
                    try requireEqual(await code { _ = try await store.get(id) }, .notFound)
                }
            }
        },
        Check(description: "a cancelled upload leaves nothing") { store in
            let id = UUIDv7.make()
            let (bytes, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
            continuation.yield(large)
            let upload = Task { try await store.put(id, limit: .max, bytes: bytes) }
            upload.cancel()
            let result = await upload.result
            continuation.finish()
            if case .success = result { throw ConformanceFailure(description: "a cancelled upload was stored") }
            try requireEqual(await code { _ = try await store.get(id) }, .notFound)
        },
        Check(description: "deleting is final and needs nothing there") { store in
            let id = UUIDv7.make()
            try await store.delete(id)
            _ = try await store.put(id, limit: 9, bytes: stream([[1]]))
            try await store.delete(id)
            try await store.delete(id)
            try requireEqual(await code { _ = try await store.get(id) }, .notFound)
        },
        Check(description: "an id is never a path") { store in
            let id = UUIDv7.make()
            let wrong = [
                "", ".", "..", "/", "../\(id)", "./\(id)", "\(id)/..", "\(id)/", id.uppercased(), "\(id)\0",
                "\(id).part",
                "%2e%2e%2f\(id)", String(id.dropLast()), "/etc/passwd", String(repeating: "a", count: 36),
            ]
            for name in wrong {
                try requireEqual(await code { _ = try await store.get(name) }, .notFound)
                try requireEqual(await code { try await store.delete(name) }, .notFound)
                try requireEqual(
                    await code { _ = try await store.put(name, limit: 9, bytes: stream([[1]])) }, .notFound)
            }
        },
        Check(description: "many uploads at once stay apart") { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<UInt8(16) {
                    group.addTask {
                        let id = UUIDv7.make()
                        let chunk = [UInt8](repeating: index, count: 10_000)
                        _ = try await store.put(id, limit: .max, bytes: stream([chunk, chunk]))
                        try require(await store.get(id) == chunk + chunk)
                    }
                }
                try await group.waitForAll()
            }
        },
    ]

    private static let large = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private struct UploadFailure: Error {}

    private static func stream(_ chunks: [[UInt8]], failing: Bool = false) -> AsyncThrowingStream<[UInt8], any Error> {
        AsyncThrowingStream { continuation in
            for chunk in chunks { continuation.yield(chunk) }
            continuation.finish(throwing: failing ? UploadFailure() : nil)
        }
    }

    private static func code(of call: () async throws -> Void) async throws -> ChatError.Code? {
        do {
            try await call()
        } catch let error as ChatError {
            return error.code
        }
        return nil
    }
}

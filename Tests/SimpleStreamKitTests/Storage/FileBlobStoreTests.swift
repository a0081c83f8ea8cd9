import Foundation
import SimpleStreamKit
import Testing
import TestSupport

@Suite struct FileBlobStoreTests {
    private struct Broken: Error {}

    private func chunks(_ chunks: [[UInt8]], then error: (any Error)? = nil) -> AsyncThrowingStream<[UInt8], any Error> {
        AsyncThrowingStream { continuation in
            for chunk in chunks { continuation.yield(chunk) }
            continuation.finish(throwing: error)
        }
    }

    @Test func keepsAcrossOpenings() async throws {
        try await withScratchDirectory { path in
            let id = UUIDv7.make()
            let store = try FileBlobStore(directory: path)
            #expect(try await store.put(id, limit: 5, bytes: chunks([[1, 2], [3, 4, 5]])) == 5)
            #expect(try await FileBlobStore(directory: path).get(id) == [1, 2, 3, 4, 5])
            try await store.delete(id)
            try await store.delete(id)
            await #expect { try await store.get(id) } throws: { ($0 as? ChatError)?.code == .notFound }
        }
    }

    @Test func failedUploadLeavesNothing() async throws {
        try await withScratchDirectory { path in
            let id = UUIDv7.make()
            let store = try FileBlobStore(directory: path)
            await #expect(throws: Broken.self) {
                try await store.put(id, limit: 9, bytes: chunks([[1]], then: Broken()))
            }
            await #expect { try await store.put(id, limit: 2, bytes: chunks([[1, 2, 3]])) } throws: {
                ($0 as? ChatError)?.code == .payloadTooLarge
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
        }
    }

    @Test(arguments: ["../secret", "", "a/b", "\0", "00000000-0000-7000-8000-00000000000G"])
    func idsThatAreNotOursAreNotFound(id: String) async throws {
        try await withScratchDirectory { path in
            let store = try FileBlobStore(directory: path)
            await #expect { try await store.get(id) } throws: { ($0 as? ChatError)?.code == .notFound }
            await #expect { try await store.delete(id) } throws: { ($0 as? ChatError)?.code == .notFound }
        }
    }
}

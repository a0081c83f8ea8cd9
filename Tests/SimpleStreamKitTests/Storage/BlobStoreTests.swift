import Foundation
import TestSupport
import Testing

@testable import SimpleStreamKit

@Suite struct BlobStoreTests {
    @Test(arguments: BlobStoreConformance.checks)
    func memoryConforms(_ check: BlobStoreConformance.Check) async throws {
        try await check.run(InMemoryBlobStore())
    }

    @Test(arguments: BlobStoreConformance.checks)
    func filesConform(_ check: BlobStoreConformance.Check) async throws {
        try await withScratchDirectory { directory in
            try await check.run(FileBlobStore(directory: "\(directory)/a/b"))
            let left = try FileManager.default.contentsOfDirectory(atPath: "\(directory)/a/b")
            #expect(left.allSatisfy(UUIDv7.isWellFormed), "something half-written is left")
        }
    }

    @Test func filesAreTheirOwnersOnly() async throws {
        try await withScratchDirectory { directory in
            let store = try FileBlobStore(directory: "\(directory)/blobs")
            let id = UUIDv7.make()
            _ = try await store.put(
                id, limit: 9,
                bytes: AsyncThrowingStream {
                    $0.yield([1]); $0.finish()
                })
            #expect(try mode("\(directory)/blobs") == 0o700)
            #expect(try mode("\(directory)/blobs/\(id)") == 0o600)
        }
    }

    @Test func openingRemovesWhatACrashLeft() throws {
        try withScratchDirectory { directory in
            let left = "\(directory)/\(UUIDv7.lowest(at: Date(timeIntervalSinceNow: -7200))).part"
            let others = "\(directory)/\(UUIDv7.make()).part"
            let foreign = "\(directory)/notes.part"
            for path in [left, others, foreign] { try Data([1]).write(to: URL(fileURLWithPath: path)) }
            let store = try FileBlobStore(directory: directory)
            #expect(!FileManager.default.fileExists(atPath: left))
            #expect(FileManager.default.fileExists(atPath: others))
            #expect(FileManager.default.fileExists(atPath: foreign))
            _ = store
        }
    }

    @Test func anImpossibleDirectoryIsRefused() {
        #expect(throws: ChatError.self) { _ = try FileBlobStore(directory: "/dev/null/blobs") }
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? NSNumber).intValue
    }
}

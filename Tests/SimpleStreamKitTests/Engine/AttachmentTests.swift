import Foundation
import SimpleStreamKit
import Synchronization
import TestSupport
import Testing

/// Files from their upload to their end.
@Suite struct AttachmentTests {
    /// Knows which files it has, and which it was ever asked to keep.
    private final class WatchedBlobs: BlobStore {
        private let base = InMemoryBlobStore()
        private let ids = Mutex<(now: Set<String>, written: Int)>(([], 0))

        var now: Set<String> { ids.withLock { $0.now } }
        var written: Int { ids.withLock { $0.written } }

        func put(_ id: String, limit: Int, bytes: some AsyncSequence<[UInt8], any Error>) async throws -> Int {
            ids.withLock { $0.written += 1 }
            let size = try await base.put(id, limit: limit, bytes: bytes)
            ids.withLock { _ = $0.now.insert(id) }
            return size
        }

        func get(_ id: String) async throws(ChatError) -> [UInt8] { try await base.get(id) }

        func delete(_ id: String) async throws(ChatError) {
            try await base.delete(id)
            ids.withLock { _ = $0.now.remove(id) }
        }
    }

    private struct Bench: Sendable {
        let clock = ManualClock(Date())
        let blobs = WatchedBlobs()
        let provider = ScriptedProvider()
        let chat: ChatService

        init(_ sizes: SizeLimits = SizeLimits(), store: (any Store)? = nil) {
            chat = ChatService(
                configuration: ChatConfiguration(sizes: sizes, makesTitles: false), providers: [provider],
                store: store ?? InMemoryStore(now: clock.now), blobs: blobs)
        }

        @discardableResult
        func keep(
            _ size: Int, of user: String = "u", isGuest: Bool = false, limit: Int = 1 << 20,
            mime: () throws -> String = { "text/plain" }
        ) async throws -> String {
            let chunks = AsyncThrowingStream<[UInt8], any Error> { stream in
                for start in stride(from: 0, to: size, by: 1000) {
                    stream.yield(Array(repeating: 65, count: min(1000, size - start)))
                }
                stream.finish()
            }
            return try await chat.keepAttachment(
                named: "a.txt", of: user, isGuest: isGuest, limit: limit, bytes: chunks, mime: mime
            ).id
        }

        func refusal(_ call: () async throws -> Void) async throws -> ChatError {
            let error = await #expect(throws: ChatError.self) { try await call() }
            return try #require(error)
        }
    }

    @Test func aUsersFilesFitOrLeaveNothing() async throws {
        let bench = Bench(SizeLimits(storedBytes: 20_000, guestStoredBytes: 5_000))
        let first = try await bench.keep(15_000)
        var error = try await bench.refusal { try await bench.keep(6_000) }
        #expect(error.code == .payloadTooLarge)
        #expect(error.message.contains("more than 20000 bytes"))
        #expect(error.message.contains("Delete"))
        // The store counts 4096 for what is smaller: it is the one to refuse.
        try await bench.keep(900)
        #expect(try await bench.chat.store.storedBytes(of: "u") == 19_096)
        let written = bench.blobs.written
        error = try await bench.refusal { try await bench.keep(100) }
        #expect(error.code == .payloadTooLarge)
        #expect(bench.blobs.written == written, "nothing is written when nothing fits")
        #expect(bench.blobs.now.count == 2)
        // A guest has less, somebody else has their own.
        error = try await bench.refusal { try await bench.keep(5_001, of: "g", isGuest: true) }
        #expect(error.message.contains("more than 5000 bytes"))
        try await bench.keep(5_000, of: "g", isGuest: true)
        try await bench.keep(5_001, of: "v")
        #expect(bench.blobs.now.count == 4)
        #expect(try await bench.chat.store.deleteAttachment(first, of: "u"))
        try await bench.keep(15_000)
    }

    @Test func manyFilesAtOnceFitOrLeaveNothing() async throws {
        let bench = Bench(SizeLimits(storedBytes: 45_000))
        let kept = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    do {
                        return try await bench.keep(10_000)
                    } catch let error as ChatError where error.code == .payloadTooLarge {
                        return nil
                    }
                }
            }
            return try await group.reduce(into: Set<String>()) { if let id = $1 { $0.insert(id) } }
        }
        #expect(kept.count == 4)
        #expect(bench.blobs.now == kept)
    }

    @Test func whatIsNoFileOfOursLeavesNothing() async throws {
        let bench = Bench()
        let error = try await bench.refusal { try await bench.keep(2_001, limit: 2_000) }
        #expect(error.message == "The file is larger than 2000 bytes.")
        await #expect(throws: CancellationError.self) { try await bench.keep(10, mime: { throw CancellationError() }) }
        #expect(bench.blobs.now == [])
        #expect(try await bench.chat.store.attachments(of: "u", after: nil, limit: 9) == [])
    }

    /// What the store cannot keep, the disk does not keep.
    @Test func aStoreInTroubleLeavesNoBytes() async throws {
        let store = FaultyStore(InMemoryStore())
        let bench = Bench(store: store)
        store.set(.refuse)
        #expect(try await bench.refusal { try await bench.keep(10) }.code == .storageUnavailable)
        #expect(bench.blobs.now == [])
    }

    @Test func filesNobodySentGoAfterADay() async throws {
        let bench = Bench()
        try await bench.chat.whileRunning {
            let sent = try await bench.keep(10)
            // More than one round takes.
            for _ in 0..<120 { try await bench.keep(10) }
            var request = ChatRequest("Hello", provider: "scripted", model: "script-1")
            request.attachmentIDs = [sent]
            try await bench.chat.send(request, of: "u")
            try await bench.provider.nextCall().finish()
            bench.clock.advance(milliseconds: 86_000_000)
            let young = try await bench.chat.store.attachments([sent], of: "u")
            #expect(young.map(\.id) == [sent])
            try await bench.chat.sweepAttachments()
            #expect(bench.blobs.now.count == 121)
            bench.clock.advance(milliseconds: 800_000)
            try await bench.chat.sweepAttachments()
            #expect(bench.blobs.now == [sent])
            #expect(try await bench.chat.store.storedBytes(of: "u") == 4096)
        }
    }

    /// An answer is never poorer for a full disk quota: its pictures are kept and count.
    @Test func picturesOfModelsAreKeptAndCount() async throws {
        let bench = Bench(SizeLimits(storedBytes: 5_000))
        try await bench.chat.whileRunning {
            try await bench.keep(5_000)
            let request = ChatRequest("Draw", provider: "scripted", model: "script-1")
            let events = try await bench.chat.reply(to: request, of: "u")
            let call = try await bench.provider.nextCall()
            call.say(.inlineData(mime: "image/png", bytes: Array(repeating: 1, count: 9_000)))
            call.finish()
            for try await _ in events {}
            let answer = try #require(try await bench.chat.store.run(events.ticket.messageID, of: "u")).message
            #expect(answer.attachmentIDs.count == 1)
            #expect(bench.blobs.now.isSuperset(of: answer.attachmentIDs))
            #expect(try await bench.chat.store.storedBytes(of: "u") == 14_000)
            #expect(try await bench.refusal { try await bench.keep(1) }.code == .payloadTooLarge)
        }
    }
}

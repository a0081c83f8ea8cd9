import Foundation
import SimpleStreamKit
import Synchronization
import TestSupport
import Testing

struct StoreTroubleTests {
    private let configuration = ChatConfiguration(lease: .seconds(3600), checkpointInterval: .milliseconds(2))

    @Test func withoutAStoreThereIsNoAck() async throws {
        let store = FaultyStore(InMemoryStore())
        try await EngineHarness.run(configuration, store: store) { engine in
            try await engine.chat.recover()
            store.set(.refuse)
            let reader = MailboxReader(of: "u", in: engine.chat)
            let error = await #expect(throws: ChatError.self) {
                try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            }
            #expect(error?.code == .storageUnavailable)
            #expect(reader.mailbox.take().isEmpty)
            #expect(engine.provider.callCount == 0)
            store.set(nil)
            try await engine.exchange("Again", answer: "fine")
        }
    }

    /// Both a store that does nothing and one that does it and then fails.
    @Test(arguments: [FaultyStore<InMemoryStore>.Fault.refuse, .forget])
    func aRunGoesOnAndItsEndWaitsForTheStore(fault: FaultyStore<InMemoryStore>.Fault) async throws {
        let store = FaultyStore(InMemoryStore())
        try await EngineHarness.run(configuration, store: store) { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            call.say(.text("before "))
            var view = ClientView(ticket.messageID)
            try await view.follow(reader) { $0.text == "before " }
            store.set(fault)
            call.say(.text("during"))
            try await view.follow(reader) { $0.text == "before during" }
            call.finish()
            await call.closed()
            let failures = store.failureCount
            while store.failureCount < failures + 5 { await Task.yield() }
            #expect(reader.mailbox.take().isEmpty)
            store.set(nil)
            try await view.followToTheEnd(reader)
            #expect(view.problems.isEmpty)
            #expect(view.terminals == ["ai_chat_response"])
            let answer = try await engine.stored(ticket.messageID)
            #expect(answer.status == .complete)
            #expect(answer.content == "before during")
            let sums = try await store.usage(of: "u", from: .distantPast, to: .distantFuture)
            #expect(sums.map(\.messages) == [1])
        }
    }

    /// A store that refuses and one that does not answer; an answer that goes on and one that its user has stopped.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [FaultyStore<InMemoryStore>.Fault.refuse, .hang], [true, false])
    func drainingDoesNotWaitForAStoreThatIsAway(fault: FaultyStore<InMemoryStore>.Fault, isStopped: Bool) async throws {
        let directory = NSTemporaryDirectory() + "drained-\(UUIDv7.make())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = InMemoryStore()
        let faulty = FaultyStore(store)
        let ids = Mutex<[String]>([])
        try await EngineHarness.run(configuration, store: faulty, journal: try Journal(directory: directory)) {
            engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let asked = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            call.say(.text("So far"))
            var view = ClientView(asked.messageID)
            try await view.follow(reader) { $0.text == "So far" }
            faulty.set(fault)
            if isStopped {
                try await engine.chat.stop(asked.messageID, of: "u")
                await call.closed()
            }
            await engine.chat.drain(within: .zero)
            #expect(engine.chat.activeRunCount == 0)
            #expect(reader.mailbox.take().isEmpty)
            ids.withLock { $0.append(asked.messageID) }
        }
        // The next process of the node ends it.
        let id = try #require(ids.withLock { $0.first })
        try await EngineHarness.run(configuration, store: store, journal: try Journal(directory: directory)) { engine in
            try await engine.chat.recover()
            let answer = try await engine.stored(id)
            #expect(answer.status == .interrupted)
            #expect(answer.content == "So far")
        }
    }

    @Test func aFullJournalIsReplacedByTheStoreAndNothingIsShownThatIsInNeither() async throws {
        let directory = NSTemporaryDirectory() + "full-\(UUIDv7.make())"
        let journal = try Journal(directory: directory)
        // Nothing can be appended any more: the directory is gone and no file was open.
        try FileManager.default.removeItem(atPath: directory)
        let store = FaultyStore(InMemoryStore())
        try await EngineHarness.run(configuration, store: store, journal: journal) { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            var view = ClientView(ticket.messageID)
            call.say(.text("stored first"))
            try await view.follow(reader) { $0.text == "stored first" }
            #expect(try await engine.stored(ticket.messageID).content == "stored first")
            store.set(.refuse)
            call.say(.text(", shown later"))
            let failures = store.failureCount
            while store.failureCount < failures + 5 { await Task.yield() }
            #expect(reader.mailbox.take().isEmpty)
            store.set(nil)
            call.finish()
            try await view.followToTheEnd(reader)
            #expect(view.text == "stored first, shown later")
            #expect(view.problems.isEmpty)
        }
    }
}

import Foundation
import SimpleStreamKit
import TestSupport
import Testing

struct ResumeTests {
    /// A log that keeps everything, and one that forgets most of it.
    @Test(arguments: [16 << 20, 2_000], [0, 1, 7, 30, 60, 1_000])
    func aReaderComesBackWithoutGapOrRepeat(bytesPerRun: Int, after seq: Int) async throws {
        let configuration = ChatConfiguration(checkpointInterval: .milliseconds(2))
        try await EngineHarness.run(configuration, runLog: InProcessRunLog(bytesPerRun: bytesPerRun)) { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            var whole = ClientView(ticket.messageID)
            var expected = ""
            for number in 1...60 {
                call.say(.text("<\(number)>"))
                expected += "<\(number)>"
                try await whole.follow(reader) { $0.text == expected }
            }
            let late = MailboxReader(of: "u", in: engine.chat)
            try await engine.chat.subscribe(
                late.mailbox, to: ticket.conversationID, messageID: seq == 7 ? nil : ticket.messageID, after: seq)
            for number in 61...80 { call.say(.text("<\(number)>")) }
            call.finish()
            try await whole.followToTheEnd(reader)
            var view = ClientView(ticket.messageID, having: seq)
            try await view.followToTheEnd(late)
            #expect(view.problems.isEmpty)
            #expect(view.text == whole.text)
            #expect(view.terminals.count == 1)
        }
    }

    @Test(arguments: [0, 3, 99])
    func anEndedRunIsGivenWhole(after seq: Int) async throws {
        try await EngineHarness.run(runLog: InProcessRunLog(bytesOfEndedRuns: seq == 3 ? 1 << 20 : 0)) { engine in
            let ticket = try await engine.exchange("Hi", answer: "All of it")
            let reader = MailboxReader(of: "u", in: engine.chat)
            try await engine.chat.subscribe(reader.mailbox, to: ticket.conversationID, messageID: nil, after: seq)
            var view = ClientView(ticket.messageID, having: seq)
            try await view.followToTheEnd(reader)
            #expect(view.text == "All of it")
            #expect(view.terminals == ["ai_chat_response"])
        }
    }

    @Test func nothingOfOthersIsFound() async throws {
        try await EngineHarness.run { engine in
            let ticket = try await engine.chat.send(engine.request(), of: "u")
            let call = try await engine.provider.nextCall()
            let stranger = MailboxReader(of: "stranger", in: engine.chat)
            let attempts: [@Sendable () async throws -> Void] = [
                {
                    try await engine.chat.subscribe(
                        stranger.mailbox, to: ticket.conversationID, messageID: ticket.messageID, after: 0)
                },
                { try await engine.chat.stop(ticket.messageID, of: "stranger") },
                { try await engine.chat.stop(.conversation(ticket.conversationID), of: "stranger") },
                { try await engine.chat.typing(in: ticket.conversationID, from: stranger.mailbox) },
                { try await engine.chat.deleteConversation(ticket.conversationID, of: "stranger") },
                { _ = try await engine.chat.updateConversation(ticket.conversationID, of: "stranger", title: "x") },
                { try await engine.chat.send(engine.request("x", in: ticket.conversationID), of: "stranger") },
            ]
            for attempt in attempts {
                let error = await #expect(throws: ChatError.self) { try await attempt() }
                #expect(error?.code == .notFound)
            }
            #expect(stranger.mailbox.subscriptionCount == 1)
            call.say(.text("private"))
            call.finish()
            #expect(stranger.mailbox.take().isEmpty)
        }
    }

    @Test func whatAnEarlierProcessSaidIsKeptAndEnded() async throws {
        let directory = NSTemporaryDirectory() + "engine-\(UUIDv7.make())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = InMemoryStore()
        // Never saves by itself, so that only the journal can know the text.
        let configuration = ChatConfiguration(node: "n", checkpointInterval: .seconds(3600))
        try await EngineHarness.run(configuration, store: store, journal: Journal(directory: directory)) { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request("Tell me"), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            var view = ClientView(ticket.messageID)
            for piece in ["Once ", "upon ", "a \"time\"\n"] {
                let expected = view.text + piece
                call.say(.text(piece))
                try await view.follow(reader) { $0.text == expected }
            }
            // The node starts again while the old process hangs.
            let seen = view
            try await EngineHarness.run(configuration, store: store, journal: Journal(directory: directory)) { next in
                try await next.chat.recover()
                let answer = try await next.stored(ticket.messageID)
                #expect(answer.status == .interrupted)
                #expect(answer.content == seen.text)
                #expect(answer.failure?.code == .interrupted)
                let late = MailboxReader(of: "u", in: next.chat)
                try await next.chat.subscribe(late.mailbox, to: ticket.conversationID, messageID: nil, after: seen.last)
                var back = seen
                try await back.followToTheEnd(late)
                #expect(back.text == seen.text)
                #expect(back.terminals == ["ai_chat_error"])
                // The old process wakes, finishes, and changes nothing.
                call.say(.text("too late"))
                call.finish()
                await call.closed()
                #expect(try await next.stored(ticket.messageID) == answer)
                try await next.exchange("Go on", answer: "Gladly", in: ticket.conversationID)
            }
        }
    }

    @Test func aNodeThatIsGoneIsReplacedByAnother() async throws {
        let clock = SettableClock()
        let store = InMemoryStore(now: { clock.now })
        let pubSub = InProcessPubSub()
        let log = InProcessRunLog()
        let old = ChatConfiguration(node: "old", checkpointInterval: .seconds(3600))
        let new = ChatConfiguration(node: "new", reaperInterval: .milliseconds(2))
        try await EngineHarness.run(old, store: store, pubSub: pubSub, runLog: log) { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            call.say(.text("seen"))
            var view = ClientView(ticket.messageID)
            try await view.follow(reader) { $0.text == "seen" }
            clock.advance(by: 60)
            let seen = view
            try await EngineHarness.run(new, store: store, pubSub: pubSub, runLog: log) { next in
                var view = seen
                try await view.followToTheEnd(reader)
                #expect(view.terminals == ["ai_chat_error"])
                let answer = try await next.stored(ticket.messageID)
                #expect(answer.status == .interrupted)
                #expect(answer.content == "seen")
            }
        }
    }

    @Test func aToolThatEndsADeadServersRunReadsItsJournal() async throws {
        let directory = NSTemporaryDirectory() + "engine-\(UUIDv7.make())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let clock = SettableClock()
        let store = InMemoryStore(now: { clock.now })
        let server = ChatConfiguration(node: "server", checkpointInterval: .seconds(3600))
        let tool = ChatConfiguration(
            node: "tool", reaperInterval: .milliseconds(2), reapsAtStart: true, otherJournals: [directory])
        try await EngineHarness.run(server, store: store, journal: Journal(directory: directory)) { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            call.say(.text("seen, not saved"))
            var view = ClientView(ticket.messageID)
            try await view.follow(reader) { $0.text == "seen, not saved" }
            clock.advance(by: 60)
            try await EngineHarness.run(tool, store: store) { next in
                try await next.chat.recover()
                let answer = try await next.stored(ticket.messageID)
                #expect(answer.status == .interrupted)
                #expect(answer.content == "seen, not saved")
            }
        }
    }

    @Test func drainingEndsWhatDoesNotEndByItself() async throws {
        try await EngineHarness.run { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            call.say(.text("half"))
            var view = ClientView(ticket.messageID)
            try await view.follow(reader) { $0.text == "half" }
            await engine.chat.drain(within: .milliseconds(1))
            await call.closed()
            try await view.followToTheEnd(reader)
            let answer = try await engine.stored(ticket.messageID)
            #expect(answer.status == .interrupted)
            #expect(answer.content == "half")
            let error = await #expect(throws: ChatError.self) {
                try await engine.chat.send(engine.request(), of: "u")
            }
            #expect(error?.code == .draining)
        }
    }

    @Test func deletingAConversationStopsItsRun() async throws {
        try await EngineHarness.run { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            try await engine.chat.deleteConversation(ticket.conversationID, of: "u")
            await call.closed()
            var view = ClientView(ticket.messageID)
            try await view.followToTheEnd(reader)
            #expect(try await engine.store.conversation(ticket.conversationID, of: "u") == nil)
        }
    }
}

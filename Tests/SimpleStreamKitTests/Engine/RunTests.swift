import Foundation
import SimpleStreamKit
import TestSupport
import Testing

struct RunTests {
    @Test func aRunIsAcknowledgedNumberedAndStored() async throws {
        try await EngineHarness.run { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request("Say hello"), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            #expect(call.prompt.messages.map(\.text) == ["Say hello"])
            call.say(.thinking("Let me see. "))
            call.say(.text("Hel"), .text("lo"), .citations([Citation(url: "https://a.example", title: "A")]))
            call.finish(usage: TokenUsage(inputTokens: 7, outputTokens: 3))
            var view = ClientView(ticket.messageID)
            try await view.followToTheEnd(reader)
            #expect(view.problems.isEmpty)
            #expect(view.text == "Hello")
            #expect(
                view.types == [
                    "ai_chat_ack", "ai_chat_chunk", "ai_chat_chunk", "ai_chat_citation", "ai_chat_response",
                ])
            let answer = try await engine.stored(ticket.messageID)
            #expect(answer.status == .complete)
            #expect(answer.content == "Hello")
            #expect(answer.thinkingText == "Let me see. ")
            #expect(answer.usage?.totalTokens == 10)
            #expect(answer.costMicroUSD == nil)
            #expect(answer.citations.count == 1)
            let sums = try await engine.store.usage(of: "u", from: .distantPast, to: .distantFuture)
            #expect(sums.map(\.inputTokens) == [7])
        }
    }

    /// What made it too long is neither shown nor stored, and what came before in the same read is both.
    @Test(
        arguments: [
            .thinking(String(repeating: "x", count: 8 << 20)),
            .citations([Citation(url: "https://a.example", title: String(repeating: "x", count: 8 << 20))]),
        ] as [ReplyEvent])
    func anAnswerThatGrowsTooLongEndsWithWhatWasShown(excess: ReplyEvent) async throws {
        try await EngineHarness.run { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            call.say(.thinking("Hm. "), .text("So far"), excess, .text("never"))
            var view = ClientView(ticket.messageID)
            try await view.followToTheEnd(reader)
            #expect(view.problems.isEmpty)
            #expect(view.text == "So far")
            #expect(view.last == 2)
            let answer = try await engine.stored(ticket.messageID)
            #expect(answer.content == view.text)
            #expect(answer.thinkingText == "Hm. ")
            #expect(answer.citations.isEmpty)
            #expect(answer.failure?.code == .providerProtocol)
            #expect(answer.materializedSeq == 3)
        }
    }

    @Test func aReaderIsToldOfHistoryThatIsNotSent() async throws {
        let configuration = ChatConfiguration(sizes: SizeLimits(historyMessages: 4))
        try await EngineHarness.run(configuration) { engine in
            let first = try await engine.exchange("One", answer: "1")
            try await engine.exchange("Two", answer: "2", in: first.conversationID)
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(
                engine.request("Three", in: first.conversationID), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            // Four would begin with an answer.
            #expect(call.prompt.messages.map(\.text) == ["Two", "2", "Three"])
            call.finish()
            var notices: [JSONValue] = []
            while let frames = await reader.next() {
                notices += try frames.map { try JSONValue(parsing: $0.json) }
                if notices.contains(where: { $0["done"]?.bool == true }) { break }
            }
            let notice = try #require(notices.first { $0["type"]?.string == "context:trimmed" })
            #expect(notice["droppedMessages"]?.int == 2)
            #expect(notice["reason"]?.string == "history_length")
            #expect(notice["messageId"]?.string == ticket.messageID)
        }
    }

    @Test func historyGoesWithTheNextPrompt() async throws {
        try await EngineHarness.run { engine in
            let first = try await engine.exchange("One", answer: "1")
            let events = try await engine.chat.reply(to: engine.request("Two", in: first.conversationID), of: "u")
            let call = try await engine.provider.nextCall()
            #expect(call.prompt.messages.map(\.text) == ["One", "1", "Two"])
            call.finish()
            for try await _ in events {}
        }
    }

    @Test func stoppingClosesTheProviderAndKeepsTheText() async throws {
        try await EngineHarness.run { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            // What was read is counted at the beginning by some, what was written at the end by all.
            call.say(.usage(TokenUsage(inputTokens: 99, cachedInputTokens: 9)))
            call.say(.text("So far"))
            var view = ClientView(ticket.messageID)
            try await view.follow(reader) { $0.text == "So far" }
            try await engine.chat.stop(ticket.messageID, of: "u")
            await call.closed()
            try await view.followToTheEnd(reader)
            let answer = try await engine.stored(ticket.messageID)
            #expect(answer.status == .cancelled)
            #expect(answer.stopReason == .cancelled)
            #expect(answer.content == "So far")
            #expect(answer.usage?.estimated == true)
            #expect(answer.usage?.inputTokens == 99 && answer.usage?.cachedInputTokens == 9)
            #expect((answer.usage?.outputTokens ?? 0) > 0)
            #expect(view.terminals == ["ai_chat_response"])
            // Once more is no error, and the next run is not hit by it.
            try await engine.chat.stop(ticket.messageID, of: "u")
            try await engine.exchange("Next", answer: "fine", in: ticket.conversationID)
        }
    }

    @Test func retriesBeforeTheFirstEventOnly() async throws {
        try await EngineHarness.run { engine in
            let busy = ChatError(.providerOverloaded, "busy", retryAfter: .milliseconds(1))
            let events = try await engine.chat.reply(to: engine.request(), of: "u")
            try await engine.provider.nextCall().fail(busy)
            try await engine.provider.nextCall().fail(busy)
            let third = try await engine.provider.nextCall()
            third.say(.text("begun"))
            third.fail(busy)
            var last: ChatEvent?
            for try await event in events { last = event }
            #expect(last == .failed(ChatError(.providerOverloaded, "busy", retryAfter: .milliseconds(1))))
            #expect(engine.provider.callCount == 3)
            #expect(try await engine.stored(events.ticket.messageID).content == "begun")
        }
    }

    @Test func doesNotWaitLongerThanItMay() async throws {
        try await EngineHarness.run { engine in
            let events = try await engine.chat.reply(to: engine.request(), of: "u")
            let error = ChatError(.providerRateLimited, "later", retryAfter: .seconds(3600))
            try await engine.provider.nextCall().fail(error)
            var last: ChatEvent?
            for try await event in events { last = event }
            #expect(last == .failed(error))
            #expect(engine.provider.callCount == 1)
        }
    }

    @Test func triesOnceWithLessWhenThePromptIsTooLong() async throws {
        try await EngineHarness.run { engine in
            let first = try await engine.exchange(String(repeating: "long ", count: 400), answer: "ok")
            let events = try await engine.chat.reply(to: engine.request("short", in: first.conversationID), of: "u")
            let call = try await engine.provider.nextCall()
            #expect(call.prompt.messages.count == 3)
            call.fail(ChatError(.contextLengthExceeded, "too long"))
            let again = try await engine.provider.nextCall()
            #expect(again.prompt.messages.map(\.text) == ["short"])
            again.say(.text("fits"))
            again.finish()
            var dropped = 0
            for try await event in events { if case .trimmed(let count) = event { dropped = count } }
            #expect(dropped == 2)
        }
    }

    @Test func anAnswerWithoutAnEndIsAnError() async throws {
        try await EngineHarness.run(ChatConfiguration(maxAttempts: 1)) { engine in
            let events = try await engine.chat.reply(to: engine.request(), of: "u")
            let call = try await engine.provider.nextCall()
            call.say(.text("half"))
            call.end()
            var last: ChatEvent?
            for try await event in events { last = event }
            guard case .failed(let error) = last else { return #expect(Bool(false), "\(String(describing: last))") }
            #expect(error.code == .providerProtocol)
            #expect(try await engine.stored(events.ticket.messageID).content == "half")
        }
    }

    @Test(arguments: [false, true])
    func aSilentProviderIsLeft(afterFirstEvent: Bool) async throws {
        let configuration = ChatConfiguration(
            checkpointInterval: .milliseconds(5),
            firstEventTimeout: .milliseconds(afterFirstEvent ? 60_000 : 20),
            idleTimeout: .milliseconds(20)
        )
        try await EngineHarness.run(configuration) { engine in
            let events = try await engine.chat.reply(to: engine.request(), of: "u")
            let call = try await engine.provider.nextCall()
            if afterFirstEvent { call.say(.text("then nothing")) }
            var last: ChatEvent?
            for try await event in events { last = event }
            await call.closed()
            guard case .failed(let error) = last else { return #expect(Bool(false), "\(String(describing: last))") }
            #expect(error.code == .providerStalled)
        }
    }

    @Test func anEndlessAnswerIsCutOff() async throws {
        try await EngineHarness.run { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            let mebibyte = String(repeating: "m", count: 1 << 20)
            for _ in 0..<9 { call.say(.text(mebibyte)) }
            await call.closed()
            var run = try await engine.stored(ticket.messageID)
            while run.status == .streaming {
                await Task.yield()
                run = try await engine.stored(ticket.messageID)
            }
            #expect(run.failure?.code == .providerProtocol)
            #expect(run.content.utf8.count <= 9 << 20)
        }
    }

    @Test func theSameRequestIsTheSameRun() async throws {
        try await EngineHarness.run { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(requestID: "r1"), of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            call.say(.text("once"))
            var view = ClientView(ticket.messageID)
            try await view.follow(reader) { $0.text == "once" }
            let second = MailboxReader(of: "u", in: engine.chat)
            let again = try await engine.chat.send(engine.request(requestID: "r1"), of: "u", to: second.mailbox)
            #expect(again.messageID == ticket.messageID)
            #expect(again.userMessageID == ticket.userMessageID)
            #expect(again.isRepeated)
            call.say(.text(" more"))
            call.finish()
            var other = ClientView(ticket.messageID)
            try await other.followToTheEnd(second)
            try await view.followToTheEnd(reader)
            #expect(other.text == "once more")
            #expect(other.types.first == "ai_chat_ack")
            #expect(other.problems.isEmpty && view.problems.isEmpty)
            #expect(engine.provider.callCount == 1)
            let error = await #expect(throws: ChatError.self) {
                try await engine.chat.send(engine.request("Other", requestID: "r1"), of: "u")
            }
            #expect(error?.code == .idempotencyConflict)
        }
    }

    @Test func oneRunAtATimeOnABranch() async throws {
        try await EngineHarness.run { engine in
            let ticket = try await engine.chat.send(engine.request(), of: "u")
            let call = try await engine.provider.nextCall()
            for request in [
                engine.request("Too soon", in: ticket.conversationID),
                engine.request("", in: ticket.conversationID, regenerate: ticket.messageID),
                engine.request("Same place", in: ticket.conversationID, parent: ticket.messageID),
            ] {
                let error = await #expect(throws: ChatError.self) { try await engine.chat.send(request, of: "u") }
                #expect(error?.code == .conversationBusy)
            }
            call.finish()
        }
    }

    @Test func regeneratingMakesASibling() async throws {
        try await EngineHarness.run { engine in
            let first = try await engine.exchange("Question", answer: "A")
            let events = try await engine.chat.reply(
                to: engine.request("", in: first.conversationID, regenerate: first.messageID), of: "u")
            let call = try await engine.provider.nextCall()
            #expect(call.prompt.messages.map(\.text) == ["Question"])
            call.say(.text("B"))
            call.finish()
            for try await _ in events {}
            let messages = try await engine.store.messages(in: first.conversationID, of: "u", after: nil, limit: 10)
            #expect(messages.items.map(\.content).sorted() == ["A", "B", "Question"])
            #expect(
                messages.items.filter { $0.role == .assistant }.map(\.parentID) == [
                    first.userMessageID, first.userMessageID,
                ])
        }
    }

    @Test func aPromptAtTheRootHasNothingBeforeIt() async throws {
        try await EngineHarness.run { engine in
            let first = try await engine.exchange("Old start", answer: "A")
            let frame = """
                {"type": "ai_chat_request", "conversationId": "\(first.conversationID)", "prompt": "New start",
                 "provider": "\(engine.provider.name)", "model": "script-1", "parentMessageId": "root"}
                """
            guard case .chat(let request) = try ClientEvent(decoding: Array(frame.utf8)) else {
                Issue.record("not a request")
                return
            }
            let events = try await engine.chat.reply(to: request, of: "u")
            let call = try await engine.provider.nextCall()
            #expect(call.prompt.messages.map(\.text) == ["New start"])
            call.finish()
            for try await _ in events {}
            let messages = try await engine.store.messages(in: first.conversationID, of: "u", after: nil, limit: 10)
            #expect(messages.items.count { $0.parentID == nil } == 2)
        }
    }
}

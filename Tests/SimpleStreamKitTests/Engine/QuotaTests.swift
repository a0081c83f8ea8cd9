import Foundation
import SimpleStreamKit
import TestSupport
import Testing

/// What users may spend on the operator's keys.
@Suite struct QuotaTests {
    private static func configuration(_ usage: UsageLimits, runs: Int? = nil) -> ChatConfiguration {
        ChatConfiguration(maxRunsPerUser: runs, usage: usage, makesTitles: false)
    }

    private func used(_ engine: EngineHarness, from source: RequestSource = RequestSource()) async throws -> [Int] {
        try await engine.chat.quotas(of: "u", from: source).map(\.used)
    }

    private func failure(of events: ChatEvents) async throws -> ChatError? {
        for try await event in events {
            if case .failed(let error) = event { return error }
        }
        return nil
    }

    @Test func freeMessagesEndAndNothingIsStored() async throws {
        try await EngineHarness.run(Self.configuration(UsageLimits(messagesPerDay: 2))) { engine in
            for index in 0..<2 { try await engine.exchange("Question \(index)", answer: "Answer") }
            let error = await #expect(throws: ChatError.self) {
                try await engine.chat.send(engine.request("Third"), of: "u")
            }
            #expect(error?.code == .quotaExceeded)
            #expect(error?.message.contains("2 free messages") == true)
            #expect((error?.retryAfter ?? .zero) > .zero)
            #expect((error?.retryAfter ?? .zero) <= .seconds(86_400))
            #expect(engine.provider.callCount == 2)
            let page = try await engine.store.conversations(of: "u", matching: nil, after: nil, limit: 9)
            #expect(page.items.count == 2)
            // Others have their own.
            let events = try await engine.chat.reply(to: engine.request(), of: "v")
            try await engine.provider.nextCall().finish()
            for try await _ in events {}
            #expect(try await engine.chat.quotas(of: "u").map(\.remaining) == [0])
        }
    }

    @Test func aRequestThatIsRepeatedCountsOnce() async throws {
        try await EngineHarness.run(Self.configuration(UsageLimits(messagesPerDay: 1))) { engine in
            let first = try await engine.chat.send(engine.request(requestID: "r"), of: "u")
            let again = try await engine.chat.send(engine.request(requestID: "r"), of: "u")
            #expect(first.messageID == again.messageID)
            #expect(try await used(engine) == [1])
        }
    }

    @Test func manyAtOnceGetNoMoreThanOneByOne() async throws {
        try await EngineHarness.run(Self.configuration(UsageLimits(messagesPerDay: 5))) { engine in
            let begun = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask { (try? await engine.chat.send(engine.request(), of: "u")) != nil }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(begun == 5)
        }
    }

    @Test func aProviderThatSaysNothingCostsNothing() async throws {
        try await EngineHarness.run(Self.configuration(UsageLimits(messagesPerDay: 9))) { engine in
            let events = try await engine.chat.reply(to: engine.request(), of: "u")
            try await engine.provider.nextCall().fail(ChatError(.providerAuth, "The key was refused."))
            #expect(try await failure(of: events)?.code == .providerAuth)
            #expect(try await used(engine) == [0])
        }
    }

    @Test func hangingUpBeforeTheFirstWordCounts() async throws {
        try await EngineHarness.run(Self.configuration(UsageLimits(messagesPerDay: 9))) { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.chat.send(engine.request(), of: "u", to: reader.mailbox)
            _ = try await engine.provider.nextCall()
            try await engine.chat.stop(ticket.messageID, of: "u")
            var view = ClientView(ticket.messageID)
            try await view.followToTheEnd(reader)
            #expect(try await used(engine) == [1])
        }
    }

    @Test func tokensAreReservedThenSettled() async throws {
        let limits = UsageLimits(budget: .init(tokensPerDay: 30_000))
        try await EngineHarness.run(Self.configuration(limits)) { engine in
            var request = engine.request("Hello")
            request.options.maxTokens = 20_000
            let events = try await engine.chat.reply(to: request, of: "u")
            let call = try await engine.provider.nextCall()
            #expect(try await used(engine)[0] > 20_000)
            // What is reserved is gone for others.
            let error = await #expect(throws: ChatError.self) { try await engine.chat.send(request, of: "u") }
            #expect(error?.code == .quotaExceeded)
            call.say(.text("Hi"))
            call.finish(usage: TokenUsage(inputTokens: 100, outputTokens: 23))
            for try await _ in events {}
            #expect(try await used(engine) == [123])
        }
    }

    @Test func aLongHistoryIsReservedBeforeTheProviderIsAsked() async throws {
        let limits = UsageLimits(budget: .init(tokensPerDay: 10_000))
        try await EngineHarness.run(Self.configuration(limits)) { engine in
            var request = engine.request(String(repeating: "word ", count: 4000))
            request.options.maxTokens = 1000
            var events = try await engine.chat.reply(to: request, of: "u")
            var call = try await engine.provider.nextCall()
            call.say(.text("ok"))
            // The provider says little, so that much is left: only the history is too long then.
            call.finish(usage: TokenUsage(inputTokens: 10, outputTokens: 10))
            for try await _ in events {}
            var next = engine.request(String(repeating: "more ", count: 4000), in: events.ticket.conversationID)
            next.options.maxTokens = 1000
            events = try await engine.chat.reply(to: next, of: "u")
            #expect(try await failure(of: events)?.code == .quotaExceeded)
            #expect(engine.provider.callCount == 1)
            #expect(try await used(engine) == [20])
            // A small one fits.
            next = engine.request("short")
            next.options.maxTokens = 100
            events = try await engine.chat.reply(to: next, of: "u")
            call = try await engine.provider.nextCall()
            call.finish()
            for try await _ in events {}
        }
    }

    @Test func aDeletedConversationIsSettled() async throws {
        let limits = UsageLimits(budget: .init(tokensPerDay: 100_000))
        try await EngineHarness.run(Self.configuration(limits)) { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            var request = engine.request()
            request.options.maxTokens = 50_000
            let ticket = try await engine.chat.send(request, of: "u", to: reader.mailbox)
            let call = try await engine.provider.nextCall()
            call.say(.text("So far"))
            var view = ClientView(ticket.messageID)
            try await view.follow(reader) { $0.text == "So far" }
            try await engine.chat.deleteConversation(ticket.conversationID, of: "u")
            try await view.followToTheEnd(reader)
            let use = try await used(engine)[0]
            #expect(use > 0 && use < 100)
        }
    }

    @Test func aRunWhoseNodeIsGoneIsSettled() async throws {
        let limits = UsageLimits(messagesPerDay: 9, budget: .init(tokensPerDay: 100_000))
        let store = InMemoryStore()
        var configuration = Self.configuration(limits)
        configuration.node = "n1"
        let before = configuration
        try await EngineHarness.run(before, store: store) { engine in
            for text in ["So far", nil] {
                var request = engine.request()
                request.options.maxTokens = 20_000
                let reader = MailboxReader(of: "u", in: engine.chat)
                let ticket = try await engine.chat.send(request, of: "u", to: reader.mailbox)
                let call = try await engine.provider.nextCall()
                guard let text else { continue }
                call.say(.text(text))
                var view = ClientView(ticket.messageID)
                try await view.follow(reader) { $0.text == text }
                // As a checkpoint does.
                let run = try #require(try await store.run(ticket.messageID, of: "u"))
                let progress = RunCheckpoint.Progress(
                    content: text, thinkingText: nil, thinkingDuration: nil, materializedSeq: 1)
                let fence = RunFence(messageID: run.message.id, node: "n1", leaseEpoch: 1)
                _ = try await store.checkpoint([RunCheckpoint(fence: fence, lease: .seconds(9), progress: progress)])
            }
            #expect(try await used(engine)[0] == 2)
            #expect(try await used(engine)[1] > 40_000)
            // The node starts again, with the same name.
            let provider = ScriptedProvider()
            let again = ChatService(configuration: before, providers: [provider], store: store)
            try await again.recover()
            let uses = try await again.quotas(of: "u").map(\.used)
            // The one that had said something counts, with what it said.
            #expect(uses[0] == 1)
            #expect(uses[1] > 0 && uses[1] < 100)
        }
    }

    @Test func guestsCountByAddress() async throws {
        let limits = UsageLimits(messagesPerDay: 50, guestMessagesPerDay: 1, allGuestsMessagesPerDay: 2)
        try await EngineHarness.run(Self.configuration(limits)) { engine in
            func code(_ user: String, _ address: String) async -> ChatError.Code? {
                do {
                    let source = RequestSource(isGuest: true, address: address)
                    try await engine.chat.send(engine.request(), of: user, from: source)
                    return nil
                } catch {
                    return error.code
                }
            }
            #expect(await code("guest-1", "192.0.2.1") == nil)
            // Without its cookie it is another guest, at the same address.
            #expect(await code("guest-2", "192.0.2.1") == .quotaExceeded)
            #expect(await code("guest-3", "192.0.2.2") == nil)
            #expect(await code("guest-4", "192.0.2.3") == .quotaExceeded)
            try await engine.chat.send(engine.request(), of: "member")
        }
    }

    @Test func guestsCountWhereverTheyGo() async throws {
        let limits = UsageLimits(
            messagesPerDay: 50, guestMessagesPerDay: 3, budget: .init(tokensPerDay: 1_000_000))
        try await EngineHarness.run(Self.configuration(limits)) { engine in
            func ask(_ user: String, _ address: String) async throws {
                let source = RequestSource(isGuest: true, address: address)
                try await engine.chat.send(engine.request(), of: user, from: source)
            }
            func left(_ user: String, _ address: String) async throws -> [Int] {
                let source = RequestSource(isGuest: true, address: address)
                return try await engine.chat.quotas(of: user, from: source).map(\.remaining)
            }
            try await ask("guest-1", "192.0.2.1")
            try await ask("guest-1", "192.0.2.2")
            // Whichever has less left: this guest has had two, and so has the address of two guests.
            #expect(try await left("guest-1", "192.0.2.3")[0] == 1)
            try await ask("guest-2", "192.0.2.2")
            #expect(try await left("guest-3", "192.0.2.2")[0] == 1)
            #expect(try await left("guest-2", "192.0.2.3")[0] == 2)
            try await ask("guest-1", "192.0.2.3")
            let error = await #expect(throws: ChatError.self) { try await ask("guest-1", "192.0.2.4") }
            #expect(error?.code == .quotaExceeded)
            #expect(error?.message.contains("3 free messages") == true)
            #expect(try await left("guest-4", "192.0.2.4") == [3, 1_000_000])
            // Tokens go with the guest, too.
            #expect(try await left("guest-1", "192.0.2.4")[1] < 1_000_000)
        }
    }

    @Test func aUserHasSoManyRunsAtOnce() async throws {
        try await EngineHarness.run(Self.configuration(.unlimited, runs: 2)) { engine in
            let events = try await engine.chat.reply(to: engine.request(), of: "u")
            try await engine.chat.send(engine.request(), of: "u")
            let error = await #expect(throws: ChatError.self) { try await engine.chat.send(engine.request(), of: "u") }
            #expect(error?.code == .rateLimited)
            #expect(error?.retryAfter != nil)
            try await engine.chat.send(engine.request(), of: "v")
            // Calls come in any order.
            for _ in 0..<3 { try await engine.provider.nextCall().finish() }
            for try await _ in events {}
            try await engine.chat.send(engine.request(), of: "u")
        }
    }

    @Test func sizesAreChecked() async throws {
        var configuration = Self.configuration(.unlimited)
        configuration.sizes = SizeLimits(promptBytes: 100, attachments: 1)
        try await EngineHarness.run(configuration) { engine in
            var requests = [engine.request(String(repeating: "é", count: 51)), engine.request(), engine.request()]
            requests[1].systemPrompt = String(repeating: "x", count: 101)
            requests[2].attachmentIDs = ["a", "b"]
            for request in requests {
                let error = await #expect(throws: ChatError.self) { try await engine.chat.send(request, of: "u") }
                #expect(error?.code == .payloadTooLarge)
            }
            #expect(engine.provider.callCount == 0)
        }
    }

    @Test func onlyTheNewestHistoryIsSent() async throws {
        var configuration = Self.configuration(.unlimited)
        configuration.sizes = SizeLimits(historyMessages: 3)
        try await EngineHarness.run(configuration) { engine in
            let first = try await engine.exchange("One", answer: "1")
            try await engine.exchange("Two", answer: "2", in: first.conversationID)
            let events = try await engine.chat.reply(to: engine.request("Three", in: first.conversationID), of: "u")
            let call = try await engine.provider.nextCall()
            #expect(call.prompt.messages.map(\.text) == ["Two", "2", "Three"])
            call.finish()
            for try await _ in events {}
        }
    }

    @Test func aKeyForAProviderThatAsksForNoneSavesNoMessage() async throws {
        let vault = try AESGCMKeyVault(keyring: AESGCMKeyVault.makeKey())
        let store = InMemoryStore()
        let provider = ScriptedProvider()
        let chat = ChatService(
            configuration: Self.configuration(UsageLimits(messagesPerDay: 1)), providers: [provider],
            operatorCredentials: [provider.name: .none], store: store, vault: vault)
        try await store.saveKey(
            StoredKey(
                userID: "u", provider: provider.name, label: "", lastFour: "ogus",
                box: try vault.seal(Secret("bogus"), context: ["u", provider.name, ""]), baseURL: nil,
                verdict: KeyVerdict(.valid, ""), checkedAt: Date(), createdAt: Date(), fingerprint: "f"))
        try await chat.whileRunning {
            let request = ChatRequest("Hello", provider: provider.name, model: "script-1")
            try await chat.send(request, of: "u")
            try await provider.nextCall().finish()
            let error = await #expect(throws: ChatError.self) { try await chat.send(request, of: "u") }
            #expect(error?.code == .quotaExceeded)
        }
    }

    @Test func theOperatorsKeyDoesNotStepInForOneThatIsDeletedMeanwhile() async throws {
        let vault = try AESGCMKeyVault(keyring: AESGCMKeyVault.makeKey())
        let store = InMemoryStore()
        let provider = ScriptedProvider()
        let chat = ChatService(
            configuration: Self.configuration(UsageLimits(messagesPerDay: 5)), providers: [provider],
            operatorCredentials: [provider.name: Credential(key: Secret("sk-operators"))], store: store, vault: vault)
        let secret = Secret("sk-users-own-key-1234")
        let context = [("u"), provider.name, ""]
        try await store.saveKey(
            StoredKey(
                userID: "u", provider: provider.name, label: "", lastFour: "1234",
                box: try vault.seal(secret, context: context), baseURL: nil, verdict: KeyVerdict(.valid, ""),
                checkedAt: Date(), createdAt: Date(), fingerprint: "f"))
        try await chat.whileRunning {
            let request = ChatRequest("Hello", provider: provider.name, model: "script-1")
            let ticket = try await chat.send(request, of: "u")
            _ = try await store.deleteKey(for: provider.name, of: "u")
            try await provider.nextCall().finish()
            #expect(try await chat.quotas(of: "u").map(\.used) == [0])
            let uses = try await store.keyUses(of: "u", provider: nil, limit: 9)
            #expect(uses.map(\.messageID) == [ticket.messageID])
            #expect(uses.map(\.fingerprint) == ["f"])
            // The next request is the operator's.
            try await chat.send(request, of: "u")
            #expect(try await chat.quotas(of: "u").map(\.used) == [1])
        }
    }

    @Test func searchesAreToldWhereTheUserIsOnlyWhenTheyAgree() async throws {
        try await EngineHarness.run(Self.configuration(.unlimited)) { engine in
            let seen = RequestSource(location: ApproximateLocation(city: "Porto", country: "PT"))
            func location(webSearch: Bool) async throws -> ApproximateLocation? {
                var request = engine.request()
                request.options.webSearch = webSearch
                try await engine.chat.send(request, of: "u", from: seen)
                let call = try await engine.provider.nextCall()
                call.finish()
                return call.prompt.options.location
            }
            #expect(try await location(webSearch: true) == nil)
            let profile = #"{"shareLocation": true, "timeZone": "Europe/Lisbon"}"#
            try await engine.store.saveDocument("profile", profile, of: "u")
            let expected = ApproximateLocation(city: "Porto", country: "PT", timeZone: "Europe/Lisbon")
            #expect(try await location(webSearch: true) == expected)
            #expect(try await location(webSearch: false) == nil)
            try await engine.store.saveDocument("profile", #"{"shareLocation": true, "country": "DE"}"#, of: "u")
            #expect(try await location(webSearch: true) == ApproximateLocation(country: "DE"))
        }
    }

    @Test func aRepeatedRequestIsTheSameFromAnotherPlace() async throws {
        try await EngineHarness.run(Self.configuration(.unlimited)) { engine in
            try await engine.store.saveDocument("profile", #"{"shareLocation": true}"#, of: "u")
            var request = engine.request()
            request.options.webSearch = true
            request.requestID = "r1"
            let porto = RequestSource(location: ApproximateLocation(city: "Porto"))
            let first = try await engine.chat.send(request, of: "u", from: porto)
            let lyon = RequestSource(location: ApproximateLocation(city: "Lyon"))
            let second = try await engine.chat.send(request, of: "u", from: lyon)
            #expect(second.messageID == first.messageID)
            try await engine.provider.nextCall().finish()
        }
    }
}

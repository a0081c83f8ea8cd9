import Foundation
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamKit

/// A cheap model of the same provider names a conversation after its first answer.
@Suite struct TitleTests {
    private func title(_ engine: EngineHarness, _ ticket: RunTicket) async throws -> String? {
        try await engine.store.conversation(ticket.conversationID, of: "u")?.title
    }

    @Test func aCheapModelNamesTheConversation() async throws {
        try await EngineHarness.run(providerName: "openai") { engine in
            let reader = MailboxReader(of: "u", in: engine.chat)
            let ticket = try await engine.exchange("Why is the sea salty?", answer: "Rivers carry salt.")
            #expect(try await title(engine, ticket) == "Why is the sea salty?")
            let call = try await engine.provider.nextCall()
            #expect(call.prompt.model == ModelCatalog.standard.titleModel(of: "openai"))
            #expect(call.prompt.messages.first?.text.contains("Rivers carry salt.") == true)
            call.say(.text("\"Salt in"), .text(" the sea.\"\nMore"))
            call.finish(usage: TokenUsage(inputTokens: 50, outputTokens: 5))
            var isTold = false
            while !isTold {
                for frame in try #require(await reader.next()) {
                    let value = try JSONValue(parsing: frame.json)
                    isTold =
                        isTold || value["title"] == "Salt in the sea" && value["type"] == "conversation:title_updated"
                }
            }
            #expect(try await title(engine, ticket) == "Salt in the sea")
            let usage = try await engine.store.usage(of: "u", from: .distantPast, to: .distantFuture)
            // Counted with the others, under its own model.
            #expect(usage.contains { $0.model == call.prompt.model && $0.inputTokens == 50 && $0.outputTokens == 5 })
        }
    }

    @Test(arguments: [
        ("", ["summary of March.pdf", "b.png"], "summary of March.pdf"), (" \n ", ["a.png"], "a.png"),
        ("Look", ["a.png"], "Look"), ("", [" "], "New chat"),
        ("", [String(repeating: "n", count: 70) + ".png"], String(repeating: "n", count: 60)),
    ])
    func filesWithoutWordsNameTheConversation(prompt: String, names: [String], title: String) async throws {
        try await EngineHarness.run(ChatConfiguration(makesTitles: false)) { engine in
            var request = engine.request(prompt)
            for name in names {
                let file = Attachment(
                    id: UUIDv7.make(), userID: "u", name: name, mime: "image/png", size: 3, createdAt: Date())
                try await engine.store.saveAttachment(file, limit: nil)
                request.attachmentIDs.append(file.id)
            }
            let ticket = try await engine.chat.send(request, of: "u")
            #expect(ticket.title == title)
            #expect(try await self.title(engine, ticket) == title)
            // Somebody else's says nothing of itself.
            let error = await #expect(throws: ChatError.self) { try await engine.chat.send(request, of: "v") }
            #expect(error?.code == .notFound)
        }
    }

    @Test func aUserMaySwitchThemOff() async throws {
        try await EngineHarness.run(providerName: "openai") { engine in
            try await engine.store.saveDocument("settings", #"{"titles":"off"}"#, of: "u")
            let first = try await engine.exchange("One", answer: "1")
            // The next question comes when the title of the first would have been asked for.
            try await engine.exchange("Two", answer: "2", in: first.conversationID)
            #expect(try await title(engine, first) == "One")
            #expect(engine.provider.callCount == 2)
        }
    }

    @Test func theOperatorMaySwitchThemOff() async throws {
        try await EngineHarness.run(ChatConfiguration(makesTitles: false), providerName: "openai") { engine in
            let first = try await engine.exchange("One", answer: "1")
            try await engine.exchange("Two", answer: "2", in: first.conversationID)
            #expect(engine.provider.callCount == 2)
        }
    }
}

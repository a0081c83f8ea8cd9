import SimpleStreamKit
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct HistoryTests {
    private func message(
        _ role: Message.Role, _ content: String, provider: String? = nil, model: String? = nil,
        status: Message.Status = .complete
    ) -> Message {
        Message(
            id: content, conversationID: "c", parentID: nil, role: role, content: content, provider: provider,
            model: model, status: status, createdAt: Date(timeIntervalSince1970: 0))
    }

    private func prompt(
        _ branch: [Message], system: String? = "Be brief.",
        attachments: [String: (SimpleStreamKit.Attachment, [UInt8])] = [:],
        budget: ContextBudget = .unlimited
    ) -> (prompt: Prompt, droppedMessages: Int) {
        History.prompt(
            from: branch, model: "gpt-5.6", provider: "openai", system: system, attachments: attachments,
            budget: budget)
    }

    @Test func ownAnswersStayAsTheyAre() {
        var answer = message(.assistant, "b", provider: "openai", model: "gpt-5.6")
        answer.providerState = ProviderState(provider: "openai", json: "{}")
        let (prompt, dropped) = prompt([message(.user, "a"), answer, message(.user, "c")])
        #expect(prompt.system == "Be brief.")
        #expect(prompt.messages.map(\.text) == ["a", "b", "c"])
        #expect(prompt.messages[1].providerState == answer.providerState)
        #expect(dropped == 0)
    }

    @Test(arguments: [("anthropic", "claude-opus-5"), ("openai", "gpt-5")])
    func foreignAnswersAreLabelled(provider: String, model: String) {
        var answer = message(.assistant, "b", provider: provider, model: model)
        answer.providerState = ProviderState(provider: provider, json: "{}")
        let (prompt, _) = prompt([message(.user, "a"), answer, message(.user, "c")])
        #expect(prompt.messages[1].text == "[\(provider)/\(model)]\nb")
        #expect(prompt.messages[1].providerState == nil)
        #expect(prompt.system?.hasPrefix("Be brief.\n\n") == true)
        #expect(prompt.system?.contains("[provider/model]") == true)
    }

    @Test func theNoteStandsAloneWithoutASystemPrompt() {
        let answer = message(.assistant, "b", provider: "x", model: "y")
        #expect(prompt([answer, message(.user, "c")], system: nil).prompt.system?.contains("[provider/model]") == true)
        #expect(prompt([message(.user, "c")], system: nil).prompt.system == nil)
    }

    @Test func failedAndEmptyAnswersAreSkippedInterruptedKept() {
        let own = ("openai", "gpt-5.6")
        let branch = [
            message(.user, "a"), message(.assistant, "half", provider: own.0, model: own.1, status: .failed),
            message(.user, "b"), message(.assistant, "", provider: own.0, model: own.1, status: .cancelled),
            message(.user, "c"), message(.assistant, "cut", provider: own.0, model: own.1, status: .interrupted),
            message(.user, "d"), message(.assistant, "stopped", provider: own.0, model: own.1, status: .cancelled),
            message(.user, "e"), message(.assistant, "", provider: own.0, model: own.1, status: .streaming),
        ]
        #expect(prompt(branch).prompt.messages.map(\.text) == ["a", "b", "c", "cut", "d", "stopped", "e"])
    }

    @Test func systemMessagesJoinTheInstructions() {
        let (prompt, _) = prompt([message(.system, "Also this."), message(.user, "a")])
        #expect(prompt.system == "Be brief.\n\nAlso this.")
        #expect(prompt.messages.count == 1)
    }

    @Test func attachmentsComeFirstAndMissingOnesAreNamed() {
        func attachment(_ id: String, _ mime: String) -> SimpleStreamKit.Attachment {
            SimpleStreamKit.Attachment(
                id: id, userID: "u", name: id, mime: mime, size: 1, createdAt: Date(timeIntervalSince1970: 0))
        }
        var question = message(.user, "a")
        question.attachmentIDs = ["i", "f", "gone"]
        let (prompt, _) = prompt(
            [question],
            attachments: ["i": (attachment("i", "image/png"), [1]), "f": (attachment("f", "application/pdf"), [2])])
        #expect(
            prompt.messages[0].parts == [
                .image(mime: "image/png", bytes: [1]), .file(name: "f", mime: "application/pdf", bytes: [2]),
                .text("[An attachment is no longer available.]\n"), .text("a"),
            ])
    }

    @Test func theNoteGoesWithTheLastLabelledAnswer() {
        let long = String(repeating: "word ", count: 2_000)
        let branch = [
            message(.user, long), message(.assistant, long, provider: "x", model: "y"), message(.user, "end"),
        ]
        let (prompt, dropped) = prompt(branch, budget: ContextBudget(tokens: 200))
        #expect(dropped == 2)
        #expect(prompt.messages.map(\.text) == ["end"])
        #expect(prompt.system == "Be brief.")
    }
}

@Suite struct ContextBudgetTests {
    private func turns(_ count: Int) -> [PromptMessage] {
        (0..<count).map { $0.isMultiple(of: 2) ? .user("q\($0) " + filler) : .assistant("a\($0) " + filler) }
    }
    private let filler = String(repeating: "abcd", count: 100)

    @Test func nothingIsDroppedThatFits() {
        var prompt = Prompt(model: "m", messages: turns(5))
        #expect(ContextBudget(tokens: TokenEstimate.tokens(in: prompt)).trim(&prompt) == 0)
        #expect(ContextBudget.unlimited.trim(&prompt) == 0)
        #expect(prompt.messages.count == 5)
    }

    @Test(arguments: 0...1_200)
    func theRestFitsAndStartsWithAUser(tokens: Int) throws {
        let all = turns(9)
        var prompt = Prompt(model: "m", system: "system", messages: all)
        let dropped = ContextBudget(tokens: tokens).trim(&prompt)
        #expect(prompt.system == "system")
        #expect(prompt.messages == Array(all.dropFirst(dropped)))
        #expect(prompt.messages.first?.role == .user)
        #expect(prompt.messages.last == all.last)
        #expect(TokenEstimate.tokens(in: prompt) <= tokens || prompt.messages.count == 1)
    }

    @Test func toolResultsStayWithTheirCalls() {
        let call = ToolCall(id: "1", name: "f", arguments: "{}")
        let result = PromptMessage.Part.toolResult(id: "1", name: "f", output: filler, isError: false)
        let all = [
            .user("old " + filler), PromptMessage(role: .assistant, parts: [.toolCall(call)]),
            PromptMessage(role: .user, parts: [result]), .assistant("done"), .user("new"),
            PromptMessage(role: .assistant, parts: [.toolCall(call)]), PromptMessage(role: .user, parts: [result]),
        ]
        var prompt = Prompt(model: "m", messages: all)
        let budget = ContextBudget(tokens: TokenEstimate.tokens(in: prompt) - 1)
        #expect(budget.trim(&prompt) == 4)
        #expect(prompt.messages == Array(all.dropFirst(4)))
    }

    @Test func theAnswerHasRoom() {
        var model = Model(id: "m", provider: "p", contextWindow: 100_000, maxOutput: 100_000)
        #expect(ContextBudget(for: model).tokens == (100_000 - 16_384) / 10 * 9)
        #expect(ContextBudget(for: model, options: GenerationOptions(maxTokens: 90_000)).tokens == 45_000)
        model.contextWindow = nil
        #expect(ContextBudget(for: model) == .unlimited)
        model.contextWindow = .max
        #expect(ContextBudget(for: model, options: GenerationOptions(maxTokens: .min)).tokens > 0)
    }

    @Test func theRetryIsSmallerThanWhatWasSent() {
        var prompt = Prompt(model: "m", messages: turns(9))
        let sent = TokenEstimate.tokens(in: prompt)
        let smaller = ContextBudget.unlimited.smaller(than: prompt)
        #expect(smaller.tokens == sent / 2)
        #expect(smaller.trim(&prompt) > 0)
        #expect(ContextBudget(tokens: 10).smaller(than: prompt).tokens == 5)
    }

    @Test(arguments: [
        (
            "status 400 exceed_context_size_error: request (2009 tokens) exceeds the available context size (512 tokens)",
            0.25
        ),
        ("status 400: prompt is too long: 205134 tokens > 200000 maximum", 0.97),
        (
            "status 400: maximum context length is 128000 tokens. You requested 130000 (126000 in the messages, 4000 in",
            0.98
        ),
        ("status 400 x: The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).", 0.83),
    ])
    func theRetryUsesTheProvidersNumbers(detail: String, share: Double) {
        let prompt = Prompt(model: "m", messages: turns(9))
        let sent = Double(TokenEstimate.tokens(in: prompt))
        let error = ChatError(.contextLengthExceeded, "Too long.", detail: detail)
        let budget = ContextBudget.unlimited.smaller(than: prompt, after: error)
        #expect(abs(Double(budget.tokens) - sent * share * 0.75) < sent * 0.02)
    }

    @Test(arguments: [
        "status 400: Your input exceeds the context window.", "status 400: 3 of 2", "status 99999: 500", "",
        "status 400: 99999999999999999999999 > 999999999999999999999999",
    ])
    func theRetryIsHalfWithoutNumbers(detail: String) {
        let prompt = Prompt(model: "m", messages: turns(9))
        let error = ChatError(.contextLengthExceeded, "Too long.", detail: detail)
        let budget = ContextBudget.unlimited.smaller(than: prompt, after: error)
        #expect(budget.tokens == TokenEstimate.tokens(in: prompt) / 2)
    }
}

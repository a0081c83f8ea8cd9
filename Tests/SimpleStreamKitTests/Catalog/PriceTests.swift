import SimpleStreamKit
import Testing

@Suite struct PriceTests {
    let price = Model.Price(
        input: 5_000_000, cachedInput: 500_000, cacheWrite: 6_250_000, output: 25_000_000, source: "test")

    @Test func eachKindOfTokenHasItsPrice() {
        let usage = TokenUsage(
            inputTokens: 1_000, cachedInputTokens: 600, cacheWriteTokens: 100, outputTokens: 200, reasoningTokens: 150)
        // 300 x 5 + 600 x 0.5 + 100 x 6.25 + 200 x 25
        #expect(price.cost(of: usage) == 1_500 + 300 + 625 + 5_000)
    }

    @Test func missingCachePricesAreTheInputs() {
        let plain = Model.Price(input: 2_000_000, output: 0, source: "test")
        #expect(plain.cost(of: TokenUsage(inputTokens: 10, cachedInputTokens: 5, cacheWriteTokens: 5)) == 20)
    }

    @Test(arguments: [(0, 0), (4, 0), (5, 1), (14, 1), (15, 2)])
    func theSumIsRoundedOnceHalfUp(tokens: Int, expected: Int) {
        let tenth = Model.Price(input: 100_000, output: 0, source: "test")
        #expect(tenth.cost(of: TokenUsage(inputTokens: tokens)) == expected)
        let split = Model.Price(input: 100_000, cachedInput: 100_000, output: 100_000, source: "test")
        let usage = TokenUsage(inputTokens: tokens - tokens / 2, outputTokens: tokens / 2)
        #expect(split.cost(of: usage) == expected)
    }

    @Test func absurdCountsNeitherTrapNorGoNegative() {
        let most = Model.Price(input: .max, cachedInput: .max, cacheWrite: .max, output: .max, source: "test")
        let usage = TokenUsage(
            inputTokens: .max, cachedInputTokens: .max, cacheWriteTokens: .max, outputTokens: .max)
        #expect(most.cost(of: usage) == .max)
        let negative = TokenUsage(
            inputTokens: .min, cachedInputTokens: .min, cacheWriteTokens: -1, outputTokens: .min)
        #expect(price.cost(of: negative) == 0)
        // More cached than read is all cached.
        #expect(price.cost(of: TokenUsage(inputTokens: 10, cachedInputTokens: 99, cacheWriteTokens: 99)) == 5)
    }

    @Test func longPromptsCostMore() {
        var price = price
        price.longPrompt = Model.Price.LongPrompt(
            threshold: 1_000, input: 10_000_000, cachedInput: 1_000_000, output: 50_000_000)
        #expect(price.cost(of: TokenUsage(inputTokens: 1_000, outputTokens: 1)) == 5_025)
        let long = TokenUsage(inputTokens: 1_001, cachedInputTokens: 1_000, outputTokens: 1)
        #expect(price.cost(of: long) == 10 + 1_000 + 50)
    }

    @Test func unknownPricesStayUnknown() {
        #expect(Model(id: "x", provider: "y").cost(of: TokenUsage(inputTokens: 1)) == nil)
    }
}

@Suite struct TokenEstimateTests {
    @Test(arguments: [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("日本語", 3), ("привет", 3), ("🙂🙂", 2)])
    func textIsCountedByAlphabet(text: String, tokens: Int) {
        #expect(TokenEstimate.tokens(in: text) == tokens)
    }

    @Test func usageOfAStoppedRunIsMarked() {
        let prompt = Prompt(model: "m", system: "abcd", messages: [.user("abcdefgh")])
        let usage = TokenEstimate.usage(prompt: prompt, answer: "abcdefgh", thinking: "abcd")
        #expect(usage.estimated)
        #expect(usage.inputTokens == 1 + 4 + 2 + 4)
        #expect(usage.outputTokens == 3)
        #expect(usage.reasoningTokens == 1)
    }

    @Test func everyPartCounts() {
        let parts: [PromptMessage.Part] = [
            .image(mime: "image/png", bytes: [1]), .file(name: "a", mime: "application/pdf", bytes: [1]),
            .file(name: "a", mime: "text/plain", bytes: Array(repeating: 65, count: 300)),
            .toolCall(ToolCall(id: "1", name: "f", arguments: "{}")),
            .toolResult(id: "1", name: "f", output: "abcd", isError: false),
        ]
        for part in parts {
            #expect(TokenEstimate.tokens(in: PromptMessage(role: .user, parts: [part])) > TokenEstimate.perMessage)
        }
    }
}

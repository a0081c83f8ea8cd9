import SimpleStreamKit
import Testing

@Suite struct AnthropicRequestTests {
    private func body(
        _ model: String, _ change: (inout Prompt) -> Void = { _ in },
        unknownModels: AnthropicFormat.UnknownModels = .newest
    ) throws -> JSONValue {
        var prompt = Prompt(model: model, messages: [.user("Hi")])
        change(&prompt)
        let request = try AnthropicFormat(unknownModels: unknownModels).request(for: prompt)
        #expect(request.path == "/messages")
        #expect(request.headers.contains { $0.name == "anthropic-version" && $0.value == "2023-06-01" })
        return try JSONValue(parsing: request.body)
    }

    @Test func aSmallRequest() throws {
        let body = try body("claude-sonnet-4-6") { $0.system = "Be brief." }
        #expect(
            body == [
                "model": "claude-sonnet-4-6", "stream": true, "max_tokens": 32_000,
                "system": [["type": "text", "text": "Be brief."]],
                "messages": [["role": "user", "content": [["type": "text", "text": "Hi"]]]],
            ])
    }

    @Test(
        arguments: [
            // Always thinking: told to show it.
            ("claude-sonnet-5-5", nil, ["type": "adaptive", "display": "summarized"], nil),
            ("claude-sonnet-5-5", "none", ["type": "adaptive", "display": "summarized"], "low"),
            ("claude-sonnet-5-5", "max", ["type": "adaptive", "display": "summarized"], "max"),
            // Adaptive: on request.
            ("claude-opus-4-7", nil, nil, nil), ("claude-opus-4-7", "none", ["type": "disabled"], nil),
            ("claude-opus-4-7", "high", ["type": "adaptive", "display": "summarized"], "high"),
            // Both: adaptive is the newer.
            ("claude-opus-4-6", "xhigh", ["type": "adaptive"], "high"),
            ("claude-opus-4-6", "max", ["type": "adaptive"], "max"),
            // Budgets.
            ("claude-haiku-4-5", "minimal", ["type": "enabled", "budget_tokens": 2048], nil),
            ("claude-haiku-4-5-20251001", "high", ["type": "enabled", "budget_tokens": 16000], nil),
            ("claude-haiku-4-5", "none", ["type": "disabled"], nil),
            // Not in the table: the newest.
            ("claude-next", "medium", ["type": "adaptive", "display": "summarized"], "medium"),
        ] as [(String, String?, JSONValue?, String?)])
    func thinkingFollowsTheGeneration(
        model: String, effort: String?, thinking: JSONValue?, word: String?
    ) throws {
        let body = try body(model) { $0.options.reasoningEffort = effort }
        #expect(body["thinking"] == thinking)
        #expect(body["output_config"]?["effort"]?.string == word)
    }

    @Test func aBudgetLeavesRoomForTheAnswer() throws {
        let body = try body("claude-haiku-4-5") {
            $0.options.reasoningEffort = "high"
            $0.options.maxTokens = 4_000
        }
        #expect(body["thinking"]?["budget_tokens"] == 2_000)
        let tight = try self.body("claude-haiku-4-5") {
            $0.options.reasoningEffort = "high"
            $0.options.maxTokens = 1_024
        }
        #expect(tight["thinking"] == nil && tight["max_tokens"] == 1_024)
    }

    @Test(
        arguments: [
            ("claude-opus-4-7", AnthropicFormat.UnknownModels.newest, nil, nil), ("claude-next", .newest, nil, nil),
            ("claude-opus-4-6", .newest, 0.5, nil), ("qwen", .foreign, 0.5, 0.9),
        ] as [(String, AnthropicFormat.UnknownModels, Double?, Double?)])
    func samplingIsSentWhereItIsTaken(
        model: String, unknown: AnthropicFormat.UnknownModels, temperature: Double?, topP: Double?
    ) throws {
        let body = try body(
            model,
            {
                $0.options.temperature = 0.5
                $0.options.topP = 0.9
            }, unknownModels: unknown)
        #expect(body["temperature"]?.double == temperature)
        #expect(body["top_p"]?.double == topP)
    }

    @Test func samplingIsNotSentWhileThinking() throws {
        let body = try body("claude-opus-4-6") {
            $0.options.temperature = 0.5
            $0.options.reasoningEffort = "low"
        }
        #expect(body["temperature"] == nil)
        #expect(try self.body("claude-opus-4-6") { $0.options.temperature = 2 }["temperature"] == .double(1))
    }

    @Test func maxTokensStaysWithinTheModel() throws {
        #expect(try body("claude-haiku-4-5") { $0.options.maxTokens = 1_000_000 }["max_tokens"] == 64_000)
        #expect(try body("qwen", unknownModels: .foreign)["max_tokens"] == 8_192)
    }

    @Test func attachmentsBecomeBlocks() throws {
        let message = PromptMessage(
            role: .user,
            parts: [
                .image(mime: "image/png", bytes: [1, 2, 3]), .file(name: "a.pdf", mime: "application/pdf", bytes: [4]),
                .file(name: "a.txt", mime: "text/plain", bytes: Array("x".utf8)), .text("Q"),
            ])
        let body = try body("claude-sonnet-5-5") { $0.messages = [message] }
        #expect(
            body["messages"]?[0]?["content"] == [
                ["type": "image", "source": ["type": "base64", "media_type": "image/png", "data": "AQID"]],
                [
                    "type": "document", "title": "a.pdf",
                    "source": ["type": "base64", "media_type": "application/pdf", "data": "BA=="],
                ],
                ["type": "text", "text": "File a.txt:\nx"],
                ["type": "text", "text": "Q", "cache_control": ["type": "ephemeral"]],
            ])
        let odd = PromptMessage(role: .user, parts: [.file(name: "a.zip", mime: "application/zip", bytes: [1])])
        #expect(throws: ChatError.self) { try self.body("claude-sonnet-5-5") { $0.messages = [odd] } }
    }

    @Test func turnsAlternateAndBlanksAreLeftOut() throws {
        let body = try body("claude-sonnet-5-5") {
            $0.messages = [
                .user("a"), .assistant(" \n"), .user("b"),
                .assistant("c"),
                PromptMessage(
                    role: .assistant,
                    parts: [
                        .image(mime: "image/png", bytes: [1]), .toolCall(ToolCall(id: "1", name: "f", arguments: "{}")),
                    ]),
                .user("d"),
            ]
        }
        #expect(
            body["messages"] == [
                ["role": "user", "content": [["type": "text", "text": "a"], ["type": "text", "text": "b"]]],
                ["role": "assistant", "content": [["type": "text", "text": "c"]]],
                [
                    "role": "user",
                    "content": [["type": "text", "text": "d", "cache_control": ["type": "ephemeral"]]],
                ],
            ])
        #expect(throws: ChatError.self) { try self.body("claude-sonnet-5-5") { $0.messages = [.user(" ")] } }
    }

    @Test func toolsSchemaAndSearch() throws {
        let body = try body("claude-opus-4-7") {
            $0.tools = [Tool(name: "f", description: "d", parameters: #"{"type":"object"}"#)]
            $0.options.webSearch = true
            $0.options.location = ApproximateLocation(city: "Paris", country: "FR", timeZone: "Europe/Paris")
            $0.responseSchema = #"{"type":"object","properties":{}}"#
            $0.options.reasoningEffort = "low"
        }
        #expect(
            body["tools"] == [
                ["name": "f", "description": "d", "input_schema": ["type": "object"]],
                [
                    "type": "web_search_20250305", "name": "web_search", "max_uses": 5,
                    "user_location": [
                        "type": "approximate", "city": "Paris", "country": "FR", "timezone": "Europe/Paris",
                    ],
                ],
            ])
        #expect(
            body["output_config"] == [
                "effort": "low",
                "format": ["type": "json_schema", "schema": ["type": "object", "properties": [:]]],
            ])
        let newer = try self.body("claude-sonnet-5-5") { $0.options.webSearch = true }
        #expect(newer["tools"]?[0]?["type"] == "web_search_20260318")
        #expect(throws: ChatError.self) { try self.body("claude-opus-4-7") { $0.responseSchema = "[]" } }
        #expect(throws: ChatError.self) {
            try self.body("claude-opus-4-7") { $0.tools = [Tool(name: "f", description: "", parameters: "no")] }
        }
    }

    @Test func longPromptsAreCached() throws {
        let long = String(repeating: "word ", count: 2_000)
        let body = try body("claude-sonnet-5-5") {
            $0.system = long
            $0.messages = [.user("a"), .assistant("b"), .user("c")]
        }
        #expect(body["system"]?[0]?["cache_control"] == ["type": "ephemeral"])
        #expect(body["messages"]?[2]?["content"]?[0]?["cache_control"] == ["type": "ephemeral"])
        #expect(body["messages"]?[0]?["content"]?[0]?["cache_control"] == nil)
    }

    @Test(arguments: [
        "{}", "no", #"{"blocks":[{"type":"text","bytes":99}]}"#, #"{"blocks":[{"type":"text","bytes":1}]}"#,
    ])
    func aStateThatDoesNotFitIsLeftOut(json: String) throws {
        let answer = PromptMessage(
            role: .assistant, parts: [.text("é")], providerState: ProviderState(provider: "anthropic", json: json))
        let body = try body("claude-sonnet-5-5") { $0.messages = [.user("a"), answer, .user("b")] }
        #expect(body["messages"]?[1]?["content"] == [["type": "text", "text": "é"]])
    }

    @Test func anothersStateIsNeverSent() throws {
        let answer = PromptMessage(
            role: .assistant, parts: [.text("b")],
            providerState: ProviderState(
                provider: "meta", json: #"{"blocks":[{"type":"thinking","thinking":"x","signature":"y"}]}"#))
        let body = try body("claude-sonnet-5-5") { $0.messages = [.user("a"), answer, .user("b")] }
        #expect(!body.text.contains("signature"))
    }

    @Test(arguments: [
        ("claude-sonnet-5-5", true), ("anthropic/claude-opus-4.7", true), ("claude-next", true), ("qwen3", false),
        ("claude-opus-4-6", false),
    ])
    func aClaudeBehindAProxyIsStillOne(model: String, refusesSampling: Bool) throws {
        var prompt = Prompt(model: model, messages: [.user("Hi")])
        prompt.options.temperature = 0.5
        let format = AnthropicFormat(provider: "acme", unknownModels: .foreign)
        let body = try JSONValue(parsing: try format.request(for: prompt).body)
        #expect(body["model"]?.string == model)
        #expect((body["temperature"] == nil) == refusesSampling)
    }
}

import SimpleStreamKit
import Testing

@Suite struct GeminiRequestTests {
    private func body(_ model: String, _ change: (inout Prompt) -> Void = { _ in }) throws -> JSONValue {
        var prompt = Prompt(model: model, messages: [.user("Hi")])
        change(&prompt)
        return try JSONValue(parsing: try GeminiFormat().request(for: prompt).body)
    }

    @Test(arguments: [
        ("gemini-2.5-pro", "/models/gemini-2.5-pro:streamGenerateContent?alt=sse"),
        ("models/gemini-2.5-pro", "/models/gemini-2.5-pro:streamGenerateContent?alt=sse"),
        ("../x?y#z:é", "/models/..%2Fx%3Fy%23z%3A%C3%A9:streamGenerateContent?alt=sse"),
        ("..", "/models/%2E:streamGenerateContent?alt=sse"),
    ])
    func theModelIsPartOfThePath(model: String, path: String) throws {
        #expect(try GeminiFormat().request(for: Prompt(model: model, messages: [.user("Hi")])).path == path)
    }

    @Test func aSmallRequest() throws {
        let body = try body("gemini-next") {
            $0.system = "Be brief."
            $0.messages = [.user("a"), .assistant("b"), .user("c"), .user("d")]
        }
        #expect(
            body == [
                "systemInstruction": ["parts": [["text": "Be brief."]]],
                "contents": [
                    ["role": "user", "parts": [["text": "a"]]], ["role": "model", "parts": [["text": "b"]]],
                    ["role": "user", "parts": [["text": "c"], ["text": "d"]]],
                ],
            ])
    }

    @Test(
        arguments: [
            ("gemini-2.5-pro", nil, ["includeThoughts": true]),
            ("gemini-2.5-pro", "none", ["includeThoughts": true, "thinkingBudget": 2048]),
            ("gemini-2.5-flash", "none", ["includeThoughts": false, "thinkingBudget": 0]),
            ("gemini-2.5-flash", "max", ["includeThoughts": true, "thinkingBudget": 16384]),
            ("gemini-3.8-flash", "max", ["includeThoughts": true, "thinkingLevel": "HIGH"]),
            ("gemini-3.8-flash", "none", ["includeThoughts": true, "thinkingLevel": "LOW"]),
            ("gemini-next", nil, nil), ("gemini-next", "none", ["includeThoughts": true, "thinkingLevel": "MINIMAL"]),
            ("gemini-next", "xhigh", ["includeThoughts": true, "thinkingLevel": "HIGH"]),
        ] as [(String, String?, JSONValue?)])
    func thinkingFollowsTheGeneration(model: String, effort: String?, thinking: JSONValue?) throws {
        let body = try body(model) { $0.options.reasoningEffort = effort }
        #expect(body["generationConfig"]?["thinkingConfig"] == thinking)
    }

    @Test func samplingAndLimits() throws {
        func change(_ prompt: inout Prompt) {
            prompt.options.temperature = 0.5
            prompt.options.topP = 0.9
            prompt.options.maxTokens = 1_000_000
        }
        let taken = try body("gemini-2.5-pro", change)["generationConfig"]
        #expect(taken?["temperature"] == .double(0.5) && taken?["topP"] == .double(0.9))
        #expect(taken?["maxOutputTokens"] == 65_536)
        let refused = try body("gemini-3.8-flash", change)["generationConfig"]
        #expect(refused?["temperature"] == nil && refused?["topP"] == nil)
    }

    @Test func attachmentsAreInline() throws {
        let message = PromptMessage(
            role: .user,
            parts: [
                .image(mime: "image/png", bytes: [1, 2, 3]), .file(name: "a.pdf", mime: "application/pdf", bytes: [4]),
                .file(name: "a.txt", mime: "text/plain", bytes: Array("x".utf8)), .text("Q"),
            ])
        #expect(
            try body("gemini-2.5-pro") { $0.messages = [message] }["contents"]?[0]?["parts"] == [
                ["inlineData": ["mimeType": "image/png", "data": "AQID"]],
                ["inlineData": ["mimeType": "application/pdf", "data": "BA=="]], ["text": "File a.txt:\nx"],
                ["text": "Q"],
            ])
    }

    @Test func toolsSchemaAndSearch() throws {
        func change(_ prompt: inout Prompt) {
            prompt.tools = [Tool(name: "f", description: "d", parameters: #"{"type":"object"}"#)]
            prompt.options.webSearch = true
            prompt.responseSchema = #"{"type":"object"}"#
        }
        let function: JSONValue = [
            "functionDeclarations": [["name": "f", "description": "d", "parametersJsonSchema": ["type": "object"]]]
        ]
        let newer = try body("gemini-3.8-flash", change)
        #expect(newer["tools"] == [["googleSearch": [:]], function])
        #expect(newer["generationConfig"]?["responseMimeType"] == "application/json")
        #expect(newer["generationConfig"]?["responseJsonSchema"] == ["type": "object"])
        // 2.5 refuses both together.
        #expect(try body("gemini-2.5-pro", change)["tools"] == [function])
        #expect(try body("gemini-2.5-pro") { $0.options.webSearch = true }["tools"] == [["googleSearch": [:]]])
        #expect(throws: ChatError.self) { try self.body("gemini-2.5-pro") { $0.responseSchema = "7" } }
    }

    @Test func errorsOfToolsAreMarked() throws {
        let call = PromptMessage(
            role: .assistant, parts: [.toolCall(ToolCall(id: "x", name: "f", arguments: "not JSON"))])
        let result = PromptMessage(
            role: .user, parts: [.toolResult(id: "x", name: "f", output: #"{"a":1}"#, isError: true)])
        let body = try body("gemini-2.5-pro") { $0.messages = [.user("a"), call, result] }
        #expect(body["contents"]?[1]?["parts"] == [["functionCall": ["name": "f", "args": [:], "id": "x"]]])
        #expect(
            body["contents"]?[2]?["parts"] == [
                ["functionResponse": ["name": "f", "id": "x", "response": ["error": #"{"a":1}"#]]]
            ])
    }

    @Test(arguments: [
        "{}", "no", #"{"parts":[{"bytes":99}]}"#, #"{"parts":[{"bytes":1}]}"#, #"{"parts":[{"bytes":-1}]}"#,
    ])
    func aStateThatDoesNotFitIsLeftOut(json: String) throws {
        let answer = PromptMessage(
            role: .assistant, parts: [.text("é")], providerState: ProviderState(provider: "gemini", json: json))
        let body = try body("gemini-2.5-pro") { $0.messages = [.user("a"), answer, .user("b")] }
        #expect(body["contents"]?[1]?["parts"] == [["text": "é"]])
    }

    @Test func anEmptyPromptIsRefused() {
        #expect(throws: ChatError.self) { try self.body("gemini-2.5-pro") { $0.messages = [.user("")] } }
    }
}

import TestSupport
import Testing

@testable import SimpleStreamKit

@Suite("OpenAI, requests")
struct OpenAIRequestTests {
    private func chat(_ quirks: ChatCompletionsQuirks = .openAI) -> ChatCompletionsFormat {
        ChatCompletionsFormat(provider: "acme", quirks: quirks, failures: FailureDecoder(providerName: "Acme"))
    }

    private func responses(_ quirks: ResponsesQuirks = .openAI) -> ResponsesFormat {
        ResponsesFormat(provider: "acme", quirks: quirks, failures: FailureDecoder(providerName: "Acme"))
    }

    private static let weather = Tool(
        name: "get_weather", description: "The weather.",
        parameters: #"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"#)
    private static let everything = Prompt(
        model: "gpt-5.6",
        system: "Be brief.",
        messages: [
            PromptMessage(
                role: .user,
                parts: [
                    .text("Look"), .image(mime: "image/png", bytes: [1, 2, 3]),
                    .file(name: "a.pdf", mime: "application/pdf", bytes: [4, 5, 6]),
                    .file(name: "n.txt", mime: "text/plain; charset=utf-8", bytes: Array("ä".utf8)),
                ]),
            PromptMessage(
                role: .assistant,
                parts: [
                    .text("Wait"), .toolCall(ToolCall(id: "c1", name: "get_weather", arguments: #"{"city":"Oslo"}"#)),
                ]),
            PromptMessage(
                role: .user,
                parts: [.toolResult(id: "c1", name: "get_weather", output: "rain", isError: false), .text("So?")]),
        ],
        options: GenerationOptions(
            reasoningEffort: "low", outputVerbosity: "high", temperature: 0.5, topP: 0.9, maxTokens: 5, webSearch: true,
            location: ApproximateLocation(city: "Paris", country: "FR", timeZone: "Europe/Paris")),
        tools: [weather],
        responseSchema:
            #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#,
        cacheKey: "conv-1")

    @Test("Responses: everything a prompt can hold has its place")
    func responsesBody() throws {
        let parameters = try JSONValue(parsing: Self.weather.parameters)
        let schema = try JSONValue(parsing: Self.everything.responseSchema ?? "")
        let expected: JSONValue = [
            "model": "gpt-5.6", "stream": true, "store": false, "instructions": "Be brief.",
            "input": [
                [
                    "role": "user",
                    "content": [
                        ["type": "input_text", "text": "Look"],
                        ["type": "input_image", "image_url": "data:image/png;base64,AQID"],
                        ["type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,BAUG"],
                        ["type": "input_text", "text": "File n.txt:\nä"],
                    ],
                ],
                ["type": "message", "role": "assistant", "content": [["type": "output_text", "text": "Wait"]]],
                ["type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": "{\"city\":\"Oslo\"}"],
                ["type": "function_call_output", "call_id": "c1", "output": "rain"],
                ["role": "user", "content": "So?"],
            ],
            "max_output_tokens": 16, "reasoning": ["effort": "low", "summary": "auto"],
            "include": ["reasoning.encrypted_content"],
            "text": [
                "verbosity": "high",
                "format": ["type": "json_schema", "name": "answer", "schema": schema, "strict": true],
            ],
            "tools": [
                [
                    "type": "web_search",
                    "user_location": [
                        "type": "approximate", "city": "Paris", "country": "FR", "timezone": "Europe/Paris",
                    ],
                ],
                [
                    "type": "function", "name": "get_weather", "description": "The weather.", "parameters": parameters,
                    "strict": false,
                ],
            ],
            "prompt_cache_key": "conv-1",
        ]
        let body = try responses().json(for: Self.everything)
        #expect(body == expected, "\(body.text)")
        #expect(try responses().request(for: Self.everything).path == "/responses")
    }

    @Test("Chat completions: everything a prompt can hold has its place")
    func chatBody() throws {
        let parameters = try JSONValue(parsing: Self.weather.parameters)
        let schema = try JSONValue(parsing: Self.everything.responseSchema ?? "")
        let expected: JSONValue = [
            "model": "gpt-5.6", "stream": true, "stream_options": ["include_usage": true],
            "messages": [
                ["role": "developer", "content": "Be brief."],
                [
                    "role": "user",
                    "content": [
                        ["type": "text", "text": "Look"],
                        ["type": "image_url", "image_url": ["url": "data:image/png;base64,AQID"]],
                        [
                            "type": "file",
                            "file": ["filename": "a.pdf", "file_data": "data:application/pdf;base64,BAUG"],
                        ],
                        ["type": "text", "text": "File n.txt:\nä"],
                    ],
                ],
                [
                    "role": "assistant", "content": "Wait",
                    "tool_calls": [
                        [
                            "id": "c1", "type": "function",
                            "function": ["name": "get_weather", "arguments": "{\"city\":\"Oslo\"}"],
                        ]
                    ],
                ],
                ["role": "tool", "tool_call_id": "c1", "content": "rain"], ["role": "user", "content": "So?"],
            ],
            "tools": [
                [
                    "type": "function",
                    "function": ["name": "get_weather", "description": "The weather.", "parameters": parameters],
                ]
            ],
            "response_format": [
                "type": "json_schema", "json_schema": ["name": "answer", "schema": schema, "strict": true],
            ],
            "max_completion_tokens": 5, "verbosity": "high", "reasoning_effort": "low", "prompt_cache_key": "conv-1",
        ]
        let body = try chat().json(for: Self.everything)
        #expect(body == expected, "\(body.text)")
    }

    @Test("The least is sent to servers that may know no more")
    func compatible() throws {
        let body = try chat(.compatible).json(
            for: Prompt(model: "any", messages: [.user("Hi"), .assistant(""), .user("?")], cacheKey: "k"))
        #expect(
            body == [
                "model": "any", "stream": true, "stream_options": ["include_usage": true],
                "messages": [["role": "user", "content": "Hi"], ["role": "user", "content": "?"]],
            ])
        let file = PromptMessage(role: .user, parts: [.file(name: "a.pdf", mime: "application/pdf", bytes: [1])])
        let error = #expect(throws: ChatError.self) {
            try chat(.compatible).request(for: Prompt(model: "any", messages: [file]))
        }
        #expect(error?.code == .providerInvalidRequest)
    }

    @Test(
        "What a model refuses is not sent to it",
        arguments: [
            ("gpt-4o", ["temperature", "top_p"]), ("o3", ["reasoning_effort"]), ("o1-mini", []),
            ("gpt-5-mini", ["reasoning_effort", "verbosity"]), ("gpt-5.2", ["reasoning_effort", "verbosity"]),
            ("gpt-6.1-sol", ["reasoning_effort", "verbosity"]), ("openai/gpt-4o", ["temperature", "top_p"]),
            ("gpt-5-chat-latest", ["temperature", "top_p"]),
            ("unheard-of", ["temperature", "top_p", "reasoning_effort"]),
        ])
    func refusals(model: String, sent: [String]) throws {
        let options = GenerationOptions(reasoningEffort: "high", outputVerbosity: "low", temperature: 1, topP: 1)
        let body = try chat().json(for: Prompt(model: model, messages: [.user("x")], options: options))
        let fields = ["temperature", "top_p", "reasoning_effort", "verbosity"].filter { body[$0] != nil }
        #expect(fields == sent)
    }

    @Test("Sampling is sent where the model does not reason")
    func sampling() throws {
        func fields(_ model: String, _ effort: String?) throws -> Bool {
            let options = GenerationOptions(reasoningEffort: effort, temperature: 1)
            return try responses().json(for: Prompt(model: model, messages: [.user("x")], options: options))[
                "temperature"] != nil
        }
        #expect(try fields("gpt-5.4", nil))
        #expect(try !fields("gpt-5.5", nil))
        #expect(try fields("gpt-5.5", "none"))
        #expect(try !fields("gpt-5.4", "low"))
        #expect(try !fields("gpt-5-pro", "none"))
    }

    @Test(
        "The nearest effort that the model knows is used",
        arguments: [
            ("gpt-5", "none", "minimal"), ("gpt-5", "xhigh", "high"), ("gpt-5-pro", "low", "high"),
            ("gpt-6-sol", "max", "max"), ("gpt-5.1", "minimal", "low"), ("unheard-of", "turbo", "turbo"),
            ("gpt-6.9-nova", "max", "high"), ("gpt-5.2-2025-12-11", "none", "none"),
        ])
    func efforts(model: String, asked: String, sent: String) {
        let options = GenerationOptions(reasoningEffort: asked)
        #expect(ModelRules.openAI.allowed(options, for: model).reasoningEffort == sent)
    }

    @Test("A gateway's models take what their creator's take")
    func gateway() throws {
        let options = GenerationOptions(reasoningEffort: "max", outputVerbosity: "low", temperature: 1)
        let allowed = ModelRules.vercel.allowed(options, for: "openai/gpt-5-mini")
        #expect(allowed == GenerationOptions(reasoningEffort: "high", outputVerbosity: "low"))
    }

    @Test("xAI gets its instructions as a message, Meta its text before calls as commentary")
    func otherResponses() throws {
        let xAI = try responses(.xAI).json(for: Self.everything)
        #expect(xAI["instructions"] == nil)
        #expect(xAI["input"]?[0] == ["role": "system", "content": "Be brief."])
        #expect(xAI["reasoning"] == ["effort": "low"])
        let meta = try responses(.meta).json(for: Self.everything)
        #expect(meta["input"]?[1]?["phase"] == "commentary")
        #expect(meta["text"]?["verbosity"] == nil)
    }

    @Test(
        "Strict schemas are those that can be",
        arguments: [
            (#"{"type":"object","properties":{"a":{}},"required":[],"additionalProperties":false}"#, false),
            (#"{"type":"object","properties":{"a":{}},"required":["a"]}"#, false),
            (
                #"{"type":"object","properties":{"a":{"type":"object"}},"required":["a"],"additionalProperties":false}"#,
                false
            ),
            (#"{"title":"My answer","type":"object","properties":{},"additionalProperties":false}"#, true),
        ])
    func strictness(schema: String, isStrict: Bool) throws {
        let value = try OpenAITools.schema(schema)
        #expect(value["strict"] == .bool(isStrict))
        #expect(value["name"]?.string == (schema.contains("title") ? "My_answer" : "answer"))
    }

    @Test("Tools and schemas that are not JSON are refused by us")
    func badJSON() {
        let prompt = Prompt(
            model: "m", messages: [.user("x")], tools: [Tool(name: "f", description: "", parameters: "oops")])
        for format in [chat() as any WireFormat, responses()] {
            let error = #expect(throws: ChatError.self) { try format.request(for: prompt) }
            #expect(error?.code == .invalidRequest)
        }
    }

    @Test("A search model is told where the user is")
    func searchModels() throws {
        var prompt = Self.everything
        #expect(try chat().json(for: prompt)["web_search_options"] == nil)
        prompt.model = "gpt-4o-search-preview"
        let place: JSONValue = ["city": "Paris", "country": "FR", "timezone": "Europe/Paris"]
        #expect(
            try chat().json(for: prompt)["web_search_options"]
                == ["user_location": ["type": "approximate", "approximate": place]])
        #expect(try chat(.openRouter).json(for: prompt)["plugins"] == [["id": "web"]])
    }

    @Test(
        "Recorded requests come out of the prompts they stand for",
        .enabled(if: Fixtures.areAvailable, "\(Fixtures.hint)"))
    func recordings() throws {
        let chatText = try chat(.compatible).json(
            for: Prompt(
                model: "gpt-4o-mini", messages: [.user("Reply with exactly: cobalt")],
                options: GenerationOptions(maxTokens: 8)))
        #expect(chatText == Fixtures.json("openai/chat-text.request.json"))

        let recorded = try #require(Fixtures.json("openai/resp-reasoning-no-summary-tool.request.json"))
        let tool = try #require(recorded["tools"]?[0])
        let prompt = Prompt(
            model: "gpt-5.2", system: recorded["instructions"]?.string,
            messages: [.user(recorded["input"]?[0]?["content"]?[0]?["text"]?.string ?? "")],
            options: GenerationOptions(reasoningEffort: "high", maxTokens: 4096),
            tools: [
                Tool(
                    name: tool["name"]?.string ?? "", description: tool["description"]?.string ?? "",
                    parameters: tool["parameters"]?.text ?? "")
            ])
        var body = try responses().json(for: prompt)
        // What the recording's client left to defaults, and its longer form of the same message.
        body["store"] = nil
        body["reasoning"]?["summary"] = nil
        body["tools"] = [tool]
        body["input"] = recorded["input"]
        #expect(body == recorded)
        #expect(try responses().json(for: prompt)["tools"]?[0]?["parameters"] == tool["parameters"])

        let image = try #require(Fixtures.json("openai/req-chat-image.request.json"))
        let sent = try chat(.compatible).json(
            for: Prompt(
                model: "gpt-4o",
                messages: [
                    PromptMessage(
                        role: .user,
                        parts: [
                            .text("What fruit is in the image?"), .image(mime: "image/png", bytes: [0x89, 0x50, 0x4E]),
                        ])
                ]))
        #expect(sent["messages"]?[0]?["content"]?[0] == image["messages"]?[0]?["content"]?[0])
        #expect(sent["messages"]?[0]?["content"]?[1]?["type"] == "image_url")
    }
}

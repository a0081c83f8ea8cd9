import SimpleStreamKit
import TestSupport
import Testing

/// Reads recorded requests back into prompts and writes them again.
///
/// What we choose differently is not compared: cache marks, thinking parameters, the wording of `stream`.
@Suite("Recorded requests of Anthropic and Gemini", .enabled(if: Fixtures.areAvailable, "\(Fixtures.hint)"))
struct RecordedRequestTests {
    static let cases = Fixtures.cases(in: ["anthropic", "gemini"]).filter { $0.request != nil }

    @Test func thereAreRequests() {
        #expect(Self.cases.filter { $0.folder == "anthropic" }.count >= 15)
        #expect(Self.cases.filter { $0.folder == "gemini" }.count >= 12)
    }

    @Test(arguments: cases.filter { $0.folder == "anthropic" })
    func anthropic(fixture: FixtureCase) throws {
        let recorded = try #require(fixture.request)
        // Documents by address, citations and stop sequences are not ours to send.
        guard let prompt = AnthropicReader.prompt(recorded) else { return }
        let body = try JSONValue(parsing: try AnthropicFormat().request(for: prompt).body)
        #expect(body["model"] == recorded["model"])
        #expect(AnthropicReader.plain(body["messages"]) == AnthropicReader.plain(recorded["messages"]))
        #expect(AnthropicReader.plain(body["system"]) == AnthropicReader.plain(recorded["system"]))
        if recorded["tools"]?[0]?["type"] == nil { #expect(body["tools"] == recorded["tools"]) }
        #expect(body["max_tokens"] == recorded["max_tokens"])
    }

    @Test(arguments: cases.filter { $0.folder == "gemini" })
    func gemini(fixture: FixtureCase) throws {
        let recorded = try #require(fixture.request)
        guard let prompt = GeminiReader.prompt(recorded, model: "gemini-2.5-flash") else { return }
        let body = try JSONValue(parsing: try GeminiFormat().request(for: prompt).body)
        #expect(GeminiReader.plain(body["contents"]) == GeminiReader.plain(recorded["contents"]))
        #expect(body["systemInstruction"]?["parts"]?[0]?["text"] == recorded["systemInstruction"]?["parts"]?[0]?["text"])
        let config = recorded["generationConfig"]
        #expect(body["generationConfig"]?["maxOutputTokens"] == config?["maxOutputTokens"])
        #expect(body["generationConfig"]?["temperature"]?.double == config?["temperature"]?.double)
    }
}

private enum AnthropicReader {
    /// The prompt a recorded request was made of; nil when it holds what a prompt cannot.
    static func prompt(_ body: JSONValue) -> Prompt? {
        var messages: [PromptMessage] = []
        for message in body["messages"]?.array ?? [] {
            guard let turn = turn(message) else { return nil }
            messages.append(turn)
        }
        var prompt = Prompt(
            model: body["model"]?.string ?? "", system: body["system"]?[0]?["text"]?.string, messages: messages)
        prompt.options.maxTokens = body["max_tokens"]?.int
        for tool in body["tools"]?.array ?? [] where tool["type"] == nil {
            prompt.tools.append(
                Tool(
                    name: tool["name"]?.string ?? "", description: tool["description"]?.string ?? "",
                    parameters: tool["input_schema"]?.text ?? ""))
        }
        return prompt
    }

    private static func turn(_ message: JSONValue) -> PromptMessage? {
        var parts: [PromptMessage.Part] = []
        var kept: [JSONValue] = []
        let blocks = message["content"]?.array ?? [["type": "text", "text": message["content"] ?? ""]]
        for block in blocks {
            switch block["type"]?.string {
            case "text":
                let text = block["text"]?.string ?? ""
                parts.append(.text(text))
                kept.append(["type": "text", "bytes": .integer(text.utf8.count)])
            case "thinking", "redacted_thinking":
                kept.append(block)
            case "tool_use":
                kept.append(block)
                parts.append(
                    .toolCall(
                        ToolCall(
                            id: block["id"]?.string ?? "", name: block["name"]?.string ?? "",
                            arguments: block["input"]?.text ?? "")))
            case "tool_result":
                guard let output = block["content"]?.string else { return nil }
                parts.append(
                    .toolResult(
                        id: block["tool_use_id"]?.string ?? "", name: "", output: output,
                        isError: block["is_error"]?.bool ?? false))
            default: return nil
            }
        }
        guard message["role"] == "assistant" else { return PromptMessage(role: .user, parts: parts) }
        let json: JSONValue = ["blocks": .array(kept)]
        return PromptMessage(
            role: .assistant, parts: parts, providerState: ProviderState(provider: "anthropic", json: json.text))
    }

    /// Without marks for the cache.
    static func plain(_ value: JSONValue?) -> JSONValue? {
        switch value {
        case .array(let elements)?: return .array(elements.map { plain($0) ?? .null })
        case .object(let object)?:
            var result: JSONValue = [:]
            for member in object.members where member.key != "cache_control" {
                result[member.key] = plain(member.value) ?? .null
            }
            return result
        default: return value
        }
    }
}

private enum GeminiReader {
    static func prompt(_ body: JSONValue, model: String) -> Prompt? {
        var messages: [PromptMessage] = []
        for content in body["contents"]?.array ?? [] {
            var parts: [PromptMessage.Part] = []
            for part in content["parts"]?.array ?? [] {
                // Pictures and documents were shortened and cannot be decoded.
                guard let text = part["text"]?.string else { return nil }
                parts.append(.text(text))
            }
            messages.append(PromptMessage(role: content["role"] == "model" ? .assistant : .user, parts: parts))
        }
        var prompt = Prompt(
            model: model, system: body["systemInstruction"]?["parts"]?[0]?["text"]?.string, messages: messages)
        prompt.options.maxTokens = body["generationConfig"]?["maxOutputTokens"]?.int
        prompt.options.temperature = body["generationConfig"]?["temperature"]?.double
        return prompt
    }

    /// Without what the recorder's client adds: that text is no thought.
    static func plain(_ contents: JSONValue?) -> JSONValue? {
        guard let turns = contents?.array else { return nil }
        return .array(
            turns.map { turn in
                let parts = (turn["parts"]?.array ?? []).map { part in ["text": part["text"] ?? .null] as JSONValue }
                return ["role": turn["role"] ?? .null, "parts": .array(parts)]
            })
    }
}

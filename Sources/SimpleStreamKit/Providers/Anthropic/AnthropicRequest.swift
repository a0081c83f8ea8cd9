/// Writes a prompt as a Messages request.
struct AnthropicRequest {
    let format: AnthropicFormat
    let prompt: Prompt
    private let model: Model
    private let isKnown: Bool
    /// Whether it has to be one of Anthropic's newest.
    private let isNewest: Bool

    init(format: AnthropicFormat, prompt: Prompt) {
        self.format = format
        self.prompt = prompt
        let known = format.models.known(prompt.model, of: format.provider, madeBy: "anthropic")
        model = known ?? Model(id: prompt.model, provider: format.provider)
        isKnown = known?.sampling != nil
        let name = prompt.model.split(separator: "/").last ?? ""
        isNewest = !isKnown && (format.unknownModels == .newest || name.hasPrefix("claude"))
    }

    /// The request's body.
    func body() throws(ChatError) -> JSONValue {
        var body: JSONValue = ["model": .string(prompt.model), "stream": true]
        let limit = maxTokens
        let thinking = thinking(within: limit)
        body["max_tokens"] = .integer(limit)
        if let system = prompt.system, !Self.isBlank(system) {
            body["system"] = [text(system, isCached: isWorthCaching)]
        }
        body["messages"] = .array(try messages())
        if let parameter = thinking.parameter { body["thinking"] = parameter }
        var output = thinking.effort.map { effort in ["effort": .string(effort)] as JSONValue } ?? [:]
        if let schema = prompt.responseSchema {
            output["format"] = ["type": "json_schema", "schema": try Self.object(schema, "response schema")]
        }
        if output.object?.isEmpty == false { body["output_config"] = output }
        addSampling(to: &body, isThinking: thinking.isOn)
        let tools = try tools()
        if !tools.isEmpty { body["tools"] = .array(tools) }
        return body
    }

    /// Anthropic wants a limit: what was asked for, else what the model can write up to a sensible length.
    private var maxTokens: Int {
        let most = model.maxOutput ?? Int.max
        return max(1, min(prompt.options.maxTokens ?? (isKnown ? 32_000 : 8_192), most))
    }

    private func addSampling(to body: inout JSONValue, isThinking: Bool) {
        let sampling = model.sampling ?? (isNewest ? Model.Sampling.none : .any)
        guard sampling == .any || (sampling == .one && !isThinking) else { return }
        if let temperature = prompt.options.temperature {
            body["temperature"] = .double(min(max(temperature, 0), 1))
            if sampling == .one { return }
        }
        if let topP = prompt.options.topP { body["top_p"] = .double(topP) }
    }

    // MARK: Tools

    private func tools() throws(ChatError) -> [JSONValue] {
        var tools: [JSONValue] = []
        if model.supportsTools != false {
            for tool in prompt.tools {
                tools.append([
                    "name": .string(tool.name), "description": .string(tool.description),
                    "input_schema": try Self.object(tool.parameters, "parameters of the tool \(tool.name)"),
                ])
            }
        }
        if prompt.options.webSearch == true, model.supportsWebSearch != false { tools.append(webSearch) }
        return tools
    }

    private var webSearch: JSONValue {
        let isNew = isNewest || model.reasoning?.control == .always
        var search: JSONValue = [
            "type": isNew ? "web_search_20260318" : "web_search_20250305", "name": "web_search", "max_uses": 5,
        ]
        if let place = prompt.options.location {
            var location: JSONValue = ["type": "approximate"]
            location["city"] = place.city.map(JSONValue.string)
            location["region"] = place.region.map(JSONValue.string)
            location["country"] = place.country.map(JSONValue.string)
            location["timezone"] = place.timeZone.map(JSONValue.string)
            if (location.object?.count ?? 0) > 1 { search["user_location"] = location }
        }
        return search
    }

    /// JSON text that must be an object.
    private static func object(_ text: String, _ what: String) throws(ChatError) -> JSONValue {
        guard let value = try? JSONValue(parsing: text), value.object != nil else {  // Not JSON: the caller's mistake.
            throw ChatError(.invalidRequest, "The \(what) must be a JSON object.")
        }
        return value
    }
}

// MARK: - Thinking

extension AnthropicRequest {
    /// What is sent about thinking.
    struct Thinking {
        var parameter: JSONValue?
        var effort: String?
        var isOn = false
    }

    /// The parameters that come nearest to the effort asked for, by what the model's generation takes.
    private func thinking(within limit: Int) -> Thinking {
        let effort = prompt.options.reasoningEffort
        let control = model.reasoning?.control ?? (isNewest ? .adaptive : .budget)
        guard let effort else {
            // Whoever always thinks may as well show it.
            guard control == .always else { return Thinking() }
            return Thinking(parameter: ["type": "adaptive", "display": "summarized"], isOn: true)
        }
        guard let level = model.reasoningLevel(nearestTo: effort) else { return Thinking() }
        if level == "none" { return Thinking(parameter: ["type": "disabled"]) }
        switch control {
        case .adaptive, .always:
            return Thinking(
                parameter: ["type": "adaptive", "display": "summarized"], effort: Self.word(level), isOn: true)
        case .either:
            return Thinking(parameter: ["type": "adaptive"], effort: Self.word(level), isOn: true)
        default:
            return budget(for: level, within: limit)
        }
    }

    /// A number of tokens, at most half of the limit so that an answer fits too; none when that is too few.
    private func budget(for level: String, within limit: Int) -> Thinking {
        var bounded = model
        bounded.reasoning = model.reasoning ?? Model.Reasoning(control: .budget, budget: 1024...Int.max)
        guard limit > 1024, let wanted = bounded.reasoningBudget(for: level) else { return Thinking() }
        let tokens = min(wanted, max(limit / 2, 1024))
        return Thinking(parameter: ["type": "enabled", "budget_tokens": .integer(tokens)], isOn: true)
    }

    /// Anthropic's words have no `minimal`.
    private static func word(_ level: String) -> String { level == "minimal" ? "low" : level }
}

// MARK: - Messages

extension AnthropicRequest {
    /// Whether the prompt is long enough for a cache to take it.
    private var isWorthCaching: Bool { TokenEstimate.tokens(in: prompt) >= 1_024 }

    private func messages() throws(ChatError) -> [JSONValue] {
        var turns: [(role: String, blocks: [JSONValue])] = []
        for (index, message) in prompt.messages.enumerated() {
            let answered = Self.answeredCalls(after: index, of: prompt.messages)
            let blocks = try blocks(of: message, answered: answered)
            let role = message.role == .user ? "user" : "assistant"
            guard !blocks.isEmpty else { continue }
            if turns.last?.role == role {
                turns[turns.count - 1].blocks += blocks
            } else {
                turns.append((role, blocks))
            }
        }
        guard let last = turns.indices.last else {
            throw ChatError(.invalidRequest, "The prompt is empty.")
        }
        if isWorthCaching, turns[last].role == "user", let end = turns[last].blocks.indices.last {
            turns[last].blocks[end]["cache_control"] = ["type": "ephemeral"]
        }
        return turns.map { ["role": .string($0.role), "content": .array($0.blocks)] }
    }

    private func blocks(of message: PromptMessage, answered: Set<String>) throws(ChatError) -> [JSONValue] {
        if message.role == .assistant, let state = message.providerState, state.provider == format.provider,
            let kept = AnthropicTurn.blocks(from: state, text: message.text, answered: answered)
        {
            return kept
        }
        var blocks: [JSONValue] = []
        for part in message.parts {
            if let block = try block(of: part, role: message.role, answered: answered) { blocks.append(block) }
        }
        // Results must come before anything else the user says.
        return blocks.filter { $0["type"] == "tool_result" } + blocks.filter { $0["type"] != "tool_result" }
    }

    private func block(
        of part: PromptMessage.Part, role: PromptMessage.Role, answered: Set<String>
    ) throws(ChatError) -> JSONValue? {
        switch part {
        case .text(let text):
            guard !Self.isBlank(text) else { return nil }
            return self.text(text, isCached: false)
        case .image(let mime, let bytes):
            // Only users may show pictures.
            guard role == .user else { return nil }
            return ["type": "image", "source": Self.source(mime, bytes)]
        case .file(let name, let mime, let bytes):
            if let text = InlinedFile.text(name: name, mime: mime, bytes: bytes) {
                return self.text(text, isCached: false)
            }
            guard mime == "application/pdf" else {
                throw ChatError(
                    .providerInvalidRequest, "\(format.failures.providerName) reads PDF and text files, not \(mime).")
            }
            return ["type": "document", "source": Self.source(mime, bytes), "title": .string(name)]
        case .toolCall(let call):
            // A call nobody answered is refused.
            guard answered.contains(call.id) else { return nil }
            let input = try? JSONValue(parsing: call.arguments, .provider)  // Not JSON: no arguments.
            return [
                "type": "tool_use", "id": .string(call.id), "name": .string(call.name),
                "input": input?.object == nil ? [:] : input ?? [:],
            ]
        case .toolResult(let id, _, let output, let isError):
            var block: JSONValue = [
                "type": "tool_result", "tool_use_id": .string(id), "content": .string(output),
            ]
            if isError { block["is_error"] = true }
            return block
        }
    }

    /// The ids of the calls that the user's turns right after `index` answer.
    private static func answeredCalls(after index: Int, of messages: [PromptMessage]) -> Set<String> {
        var ids: Set<String> = []
        for message in messages[(index + 1)...] {
            guard message.role == .user else { break }
            for case .toolResult(let id, _, _, _) in message.parts { ids.insert(id) }
        }
        return ids
    }

    private func text(_ text: String, isCached: Bool) -> JSONValue {
        var block: JSONValue = ["type": "text", "text": .string(text)]
        if isCached { block["cache_control"] = ["type": "ephemeral"] }
        return block
    }

    private static func source(_ mime: String, _ bytes: [UInt8]) -> JSONValue {
        ["type": "base64", "media_type": .string(mime), "data": .string(Base64.encode(bytes))]
    }

    /// Blocks of nothing but white space are refused.
    private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
}

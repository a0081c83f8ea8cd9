/// Writes a prompt as a GenerateContent request.
struct GeminiRequest {
    let format: GeminiFormat
    let prompt: Prompt
    private let model: Model

    init(format: GeminiFormat, prompt: Prompt) {
        self.format = format
        self.prompt = prompt
        model =
            format.models.known(prompt.model, of: format.provider, madeBy: "gemini")
            ?? Model(id: prompt.model, provider: format.provider)
    }

    /// The request's body.
    func body() throws(ChatError) -> JSONValue {
        var body: JSONValue = [:]
        if let system = prompt.system, !system.isEmpty {
            body["systemInstruction"] = ["parts": [["text": .string(system)]]]
        }
        body["contents"] = .array(try contents())
        let config = try generationConfig()
        if config.object?.isEmpty == false { body["generationConfig"] = config }
        let tools = try tools()
        if !tools.isEmpty { body["tools"] = .array(tools) }
        return body
    }

    private func generationConfig() throws(ChatError) -> JSONValue {
        let options = prompt.options
        var config: JSONValue = [:]
        if let limit = options.maxTokens {
            config["maxOutputTokens"] = .integer(max(1, min(limit, model.maxOutput ?? .max)))
        }
        if model.sampling != Model.Sampling.none {
            config["temperature"] = options.temperature.map(JSONValue.double)
            config["topP"] = options.topP.map(JSONValue.double)
        }
        config["thinkingConfig"] = thinkingConfig
        if let schema = prompt.responseSchema {
            config["responseMimeType"] = "application/json"
            config["responseJsonSchema"] = try Self.object(schema, "response schema")
        }
        if model.outputModalities.contains("image") { config["responseModalities"] = ["TEXT", "IMAGE"] }
        return config
    }

    /// Models since 3 take a level, those of 2.5 a budget, never both; thoughts are shown where there are any.
    private var thinkingConfig: JSONValue? {
        guard let effort = prompt.options.reasoningEffort else {
            guard model.reasoning != nil else { return nil }
            return ["includeThoughts": true]
        }
        guard let level = model.reasoningLevel(nearestTo: effort) else { return nil }
        if let budget = model.reasoningBudget(for: level) {
            return ["includeThoughts": .bool(budget > 0), "thinkingBudget": .integer(budget)]
        }
        let word =
            switch level {
            case "none": "MINIMAL"
            case "xhigh", "max": model.reasoningLevels == nil ? "HIGH" : level.uppercased()
            default: level.uppercased()
            }
        return ["includeThoughts": true, "thinkingLevel": .string(word)]
    }

    // MARK: Tools

    private func tools() throws(ChatError) -> [JSONValue] {
        var tools: [JSONValue] = []
        var functions: [JSONValue] = []
        if model.supportsTools != false {
            for tool in prompt.tools {
                functions.append([
                    "name": .string(tool.name), "description": .string(tool.description),
                    "parametersJsonSchema": try Self.object(tool.parameters, "parameters of the tool \(tool.name)"),
                ])
            }
        }
        // Models of 2.5 refuse search and functions together; the functions were named one by one.
        let searches = prompt.options.webSearch == true && model.supportsWebSearch != false
        if searches, functions.isEmpty || model.reasoning?.control == .level { tools.append(["googleSearch": [:]]) }
        if !functions.isEmpty { tools.append(["functionDeclarations": .array(functions)]) }
        return tools
    }

    /// JSON text that must be an object.
    private static func object(_ text: String, _ what: String) throws(ChatError) -> JSONValue {
        guard let value = try? JSONValue(parsing: text), value.object != nil else {  // Not JSON: the caller's mistake.
            throw ChatError(.invalidRequest, "The \(what) must be a JSON object.")
        }
        return value
    }
}

// MARK: - Contents

extension GeminiRequest {
    private func contents() throws(ChatError) -> [JSONValue] {
        var turns: [(role: String, parts: [JSONValue])] = []
        for message in prompt.messages {
            let parts = try parts(of: message)
            let role = message.role == .user ? "user" : "model"
            guard !parts.isEmpty else { continue }
            if turns.last?.role == role {
                turns[turns.count - 1].parts += parts
            } else {
                turns.append((role, parts))
            }
        }
        guard !turns.isEmpty else { throw ChatError(.invalidRequest, "The prompt is empty.") }
        return turns.map { ["role": .string($0.role), "parts": .array($0.parts)] }
    }

    private func parts(of message: PromptMessage) throws(ChatError) -> [JSONValue] {
        if message.role == .assistant, let state = message.providerState, state.provider == format.provider {
            let calls = message.parts.compactMap { if case .toolCall(let call) = $0 { call.id } else { nil } }
            let images = message.parts.compactMap { part in
                if case .image(let mime, let bytes) = part { Self.inline(mime, bytes) } else { nil }
            }
            if let kept = GeminiTurn.parts(from: state, text: message.text, calls: Set(calls), images: images) {
                return kept
            }
        }
        var parts: [JSONValue] = []
        for part in message.parts {
            if let part = try self.part(part) { parts.append(part) }
        }
        return parts
    }

    private func part(_ part: PromptMessage.Part) throws(ChatError) -> JSONValue? {
        switch part {
        case .text(let text):
            guard !text.isEmpty else { return nil }
            return ["text": .string(text)]
        case .image(let mime, let bytes):
            return Self.inline(mime, bytes)
        case .file(let name, let mime, let bytes):
            if let text = InlinedFile.text(name: name, mime: mime, bytes: bytes) { return ["text": .string(text)] }
            return Self.inline(mime, bytes)
        case .toolCall(let call):
            let arguments = try? JSONValue(parsing: call.arguments, .provider)  // Not JSON: no arguments.
            var function: JSONValue = [
                "name": .string(call.name), "args": arguments?.object == nil ? [:] : arguments ?? [:],
            ]
            if !GeminiTurn.isMadeUp(call.id) { function["id"] = .string(call.id) }
            return ["functionCall": function]
        case .toolResult(let id, let name, let output, let isError):
            let value = try? JSONValue(parsing: output, .provider)  // Not JSON: plain text.
            let key = isError ? "error" : "output"
            var response: JSONValue = [
                "name": .string(name),
                "response": !isError && value?.object != nil ? value ?? [:] : .object(Self.pair(key, .string(output))),
            ]
            if !GeminiTurn.isMadeUp(id) { response["id"] = .string(id) }
            return ["functionResponse": response]
        }
    }

    private static func pair(_ key: String, _ value: JSONValue) -> JSONObject {
        var object = JSONObject()
        object[key] = value
        return object
    }

    private static func inline(_ mime: String, _ bytes: [UInt8]) -> JSONValue {
        ["inlineData": ["mimeType": .string(mime), "data": .string(Base64.encode(bytes))]]
    }
}

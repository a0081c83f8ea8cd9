/// Writes a prompt as a Responses request.
struct ResponsesRequest {
    let provider: String
    let quirks: ResponsesQuirks

    /// The least `max_output_tokens` that is taken.
    private static let leastOutput = 16

    /// The request's body.
    func body(for prompt: Prompt) throws(ChatError) -> JSONValue {
        var body: JSONValue = ["model": .string(prompt.model), "stream": true, "store": false]
        var input: [JSONValue] = []
        if let system = prompt.system, !system.isEmpty {
            if quirks.systemIsMessage {
                input.append(["role": "system", "content": .string(system)])
            } else {
                body["instructions"] = .string(system)
            }
        }
        for message in prompt.messages {
            switch message.role {
            case .user: input += try user(message)
            case .assistant: input += ResponsesReplay(provider: provider, quirks: quirks).items(of: message)
            }
        }
        body["input"] = .array(input)
        add(prompt.options, for: prompt.model, to: &body)
        try addTools(of: prompt, to: &body)
        if let schema = prompt.responseSchema {
            var format = try OpenAITools.schema(schema)
            format["type"] = "json_schema"
            body["text"] = merged(body["text"], ["format": format])
        }
        if quirks.sendsCacheKey, let key = prompt.cacheKey { body["prompt_cache_key"] = .string(key) }
        return body
    }

    private func add(_ options: GenerationOptions, for model: String, to body: inout JSONValue) {
        let options = quirks.models.allowed(options, for: model)
        if let limit = options.maxTokens { body["max_output_tokens"] = .integer(max(limit, Self.leastOutput)) }
        if let temperature = options.temperature { body["temperature"] = .double(temperature) }
        if let topP = options.topP { body["top_p"] = .double(topP) }
        if let verbosity = options.outputVerbosity { body["text"] = ["verbosity": .string(verbosity)] }
        var reasoning = JSONObject()
        reasoning["effort"] = options.reasoningEffort.map(JSONValue.string)
        // Models that are not known to reason refuse to be asked about it.
        if quirks.models.reasons(model), options.reasoningEffort != "none" {
            if quirks.asksForSummary { reasoning["summary"] = "auto" }
            body["include"] = ["reasoning.encrypted_content"]
        }
        if !reasoning.isEmpty { body["reasoning"] = .object(reasoning) }
    }

    private func addTools(of prompt: Prompt, to body: inout JSONValue) throws(ChatError) {
        var tools: [JSONValue] = []
        if prompt.options.webSearch == true {
            var search: JSONValue = ["type": "web_search"]
            if quirks.takesLocation, var place = prompt.options.location.flatMap(OpenAITools.place) {
                place["type"] = "approximate"
                search["user_location"] = .object(place)
            }
            tools.append(search)
        }
        for tool in prompt.tools {
            var function = try OpenAITools.function(tool)
            function["type"] = "function"
            function["strict"] = false
            tools.append(function)
        }
        if !tools.isEmpty { body["tools"] = .array(tools) }
    }

    private func merged(_ first: JSONValue?, _ second: JSONValue) -> JSONValue {
        var result = first ?? [:]
        for member in second.object?.members ?? [] { result[member.key] = member.value }
        return result
    }
}

// MARK: - A user's turn

extension ResponsesRequest {
    /// Tool results are items of their own and come first.
    private func user(_ message: PromptMessage) throws(ChatError) -> [JSONValue] {
        var items: [JSONValue] = []
        var content: [JSONValue] = []
        for part in message.parts {
            if case .toolResult(let id, _, let output, _) = part {
                items.append(["type": "function_call_output", "call_id": .string(id), "output": .string(output)])
            } else if let value = value(of: part) {
                content.append(value)
            }
        }
        if let first = content.first, content.count == 1, let text = first["text"] {
            items.append(["role": "user", "content": text])
        } else if !content.isEmpty {
            items.append(["role": "user", "content": .array(content)])
        }
        return items
    }

    private func value(of part: PromptMessage.Part) -> JSONValue? {
        switch part {
        case .text(let text):
            return text.isEmpty ? nil : ["type": "input_text", "text": .string(text)]
        case .image(let mime, let bytes):
            return ["type": "input_image", "image_url": .string(DataURL(mime: mime, bytes: bytes).text)]
        case .file(let name, let mime, let bytes):
            if let text = InlinedFile.text(name: name, mime: mime, bytes: bytes) {
                return ["type": "input_text", "text": .string(text)]
            }
            let data = DataURL(mime: mime, bytes: bytes).text
            return ["type": "input_file", "filename": .string(name), "file_data": .string(data)]
        case .toolCall, .toolResult:
            return nil
        }
    }
}

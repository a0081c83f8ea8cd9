/// Writes a prompt as a chat completions request.
struct ChatCompletionsRequest {
    let provider: String
    let quirks: ChatCompletionsQuirks

    /// The request's body.
    func body(for prompt: Prompt) throws(ChatError) -> JSONValue {
        var body: JSONValue = ["model": .string(prompt.model), "stream": true]
        if quirks.asksForUsage { body["stream_options"] = ["include_usage": true] }
        body["messages"] = .array(try messages(of: prompt))
        if !prompt.tools.isEmpty {
            var tools: [JSONValue] = []
            for tool in prompt.tools { tools.append(["type": "function", "function": try OpenAITools.function(tool)]) }
            body["tools"] = .array(tools)
        }
        if let schema = prompt.responseSchema {
            body["response_format"] = [
                "type": "json_schema", "json_schema": try OpenAITools.schema(schema),
            ]
        }
        add(prompt.options, for: prompt.model, to: &body)
        if quirks.sendsCacheKey, let key = prompt.cacheKey { body["prompt_cache_key"] = .string(key) }
        return body
    }

    private func add(_ options: GenerationOptions, for model: String, to body: inout JSONValue) {
        let options = quirks.models.allowed(options, for: model)
        if let limit = options.maxTokens { body[quirks.maxTokensField] = .integer(limit) }
        if let temperature = options.temperature { body["temperature"] = .double(temperature) }
        if let topP = options.topP { body["top_p"] = .double(topP) }
        if let verbosity = options.outputVerbosity { body["verbosity"] = .string(verbosity) }
        if let effort = options.reasoningEffort {
            if quirks.nestsEffort {
                body["reasoning"] = ["effort": .string(effort)]
            } else {
                body["reasoning_effort"] = .string(effort)
            }
        }
        if options.webSearch == true { addSearch(options.location, for: model, to: &body) }
    }

    private func addSearch(_ location: ApproximateLocation?, for model: String, to body: inout JSONValue) {
        switch quirks.webSearch {
        case .none: break
        case .plugin: body["plugins"] = [["id": "web"]]
        case .searchModels:
            guard model.contains("search") else { return }
            var search: JSONValue = [:]
            if let place = location.flatMap(OpenAITools.place) {
                search["user_location"] = ["type": "approximate", "approximate": .object(place)]
            }
            body["web_search_options"] = search
        }
    }
}

// MARK: - Messages

extension ChatCompletionsRequest {
    private func messages(of prompt: Prompt) throws(ChatError) -> [JSONValue] {
        var messages: [JSONValue] = []
        if let system = prompt.system, !system.isEmpty {
            messages.append(["role": .string(quirks.systemRole), "content": .string(system)])
        }
        for message in prompt.messages {
            switch message.role {
            case .user: try addUser(message, to: &messages)
            case .assistant: try addAssistant(message, to: &messages)
            }
        }
        return messages
    }

    /// Tool results are messages of their own and must follow the calls at once.
    private func addUser(_ message: PromptMessage, to messages: inout [JSONValue]) throws(ChatError) {
        var content: [JSONValue] = []
        for part in message.parts {
            if case .toolResult(let id, _, let output, _) = part {
                messages.append(["role": "tool", "tool_call_id": .string(id), "content": .string(output)])
            } else if let value = try value(of: part) {
                content.append(value)
            }
        }
        if let first = content.first, content.count == 1, let text = first["text"] {
            messages.append(["role": "user", "content": text])
        } else if !content.isEmpty {
            messages.append(["role": "user", "content": .array(content)])
        }
    }

    private func addAssistant(_ message: PromptMessage, to messages: inout [JSONValue]) throws(ChatError) {
        let text = message.text
        var calls: [JSONValue] = []
        for case .toolCall(let call) in message.parts {
            calls.append([
                "id": .string(call.id), "type": "function",
                "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
            ])
        }
        guard !text.isEmpty || !calls.isEmpty else { return }
        var value: JSONValue = ["role": "assistant", "content": text.isEmpty ? nil : .string(text)]
        if !calls.isEmpty {
            value["tool_calls"] = .array(calls)
            addState(message.providerState, to: &value)
        }
        messages.append(value)
    }

    private func addState(_ state: ProviderState?, to value: inout JSONValue) {
        guard let state, state.provider == provider,
            let kept = try? JSONValue(parsing: state.json, .provider)  // Unreadable: as if there were none.
        else { return }
        for key in ["reasoning_details", "reasoning_content"] {
            if let part = kept[key] { value[key] = part }
        }
    }

    private func value(of part: PromptMessage.Part) throws(ChatError) -> JSONValue? {
        switch part {
        case .text(let text):
            return text.isEmpty ? nil : ["type": "text", "text": .string(text)]
        case .image(let mime, let bytes):
            return ["type": "image_url", "image_url": ["url": .string(DataURL(mime: mime, bytes: bytes).text)]]
        case .file(let name, let mime, let bytes):
            if let text = InlinedFile.text(name: name, mime: mime, bytes: bytes) {
                return ["type": "text", "text": .string(text)]
            }
            guard quirks.acceptsFiles else {
                throw ChatError(.providerInvalidRequest, "This provider cannot read files of type \(mime).")
            }
            let data = DataURL(mime: mime, bytes: bytes).text
            return ["type": "file", "file": ["filename": .string(name), "file_data": .string(data)]]
        case .toolCall, .toolResult:
            return nil
        }
    }
}

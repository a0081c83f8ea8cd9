extension ChatEvent {
    /// Reads a server's frame; nil for one that says nothing about a run's content.
    package init?(decoding json: [UInt8]) {
        // A frame that is no JSON object says nothing.
        guard let value = try? JSONValue(parsing: json, .provider), let type = value["type"]?.string else { return nil }
        switch type {
        case "ai_chat_chunk":
            if value["isThinking"]?.bool == true {
                self = .thinking(value["thinkingText"]?.string ?? "")
            } else {
                self = .text(value["chunk"]?.string ?? "")
            }
        case "ai_chat_tool":
            guard let tool = value["tool"].flatMap(ToolEvent.init) else { return nil }
            self = .tool(tool)
        case "ai_chat_citation":
            self = .citations((value["citations"]?.array ?? []).compactMap(Citation.init))
        case "ai_chat_inline_data":
            guard let mime = value["mime"]?.string, let url = value["data"]?.string else { return nil }
            self = .inlineData(mime: mime, url: url)
        case "stream:snapshot":
            self = .snapshot(text: value["text"]?.string ?? "", thinking: value["thinkingText"]?.string ?? "")
        case "context:trimmed":
            self = .trimmed(droppedMessages: value["droppedMessages"]?.int ?? 0)
        case "ai_chat_response":
            self = .finished(Answer(value))
        case "ai_chat_error":
            self = .failed(ChatError(event: value))
        default:
            return nil
        }
    }
}

extension ChatEvent.Answer {
    init(_ value: JSONValue) {
        text = value["chunk"]?.string ?? ""
        thinking = value["thinkingText"]?.string
        stopReason = value["stopReason"]?.string.map(FinishReason.init) ?? .other
        usage = value["usageDetail"].map(TokenUsage.init)
        costMicroUSD = value["costMicroUSD"]?.int
    }
}

extension ChatError {
    /// Reads an `ai_chat_error` or `error` frame.
    package init(event value: JSONValue) {
        self.init(
            Code(rawValue: value["code"]?.string ?? "internal"),
            value["message"]?.string ?? "The answer failed.",
            isRetryable: value["retryable"]?.bool,
            retryAfter: value["retryAfterMs"]?.int.map(Duration.milliseconds)
        )
    }
}

extension TokenUsage {
    package init(_ value: JSONValue) {
        self.init(
            inputTokens: value["inputTokens"]?.int ?? 0,
            cachedInputTokens: value["cachedInputTokens"]?.int ?? 0,
            outputTokens: value["outputTokens"]?.int ?? 0,
            reasoningTokens: value["reasoningTokens"]?.int ?? 0,
            estimated: value["estimated"]?.bool ?? false
        )
    }
}

extension ToolEvent {
    init?(_ value: JSONValue) {
        guard let id = value["id"]?.string, let phase = value["phase"]?.string.flatMap(Phase.init) else { return nil }
        self.init(
            id: id,
            name: value["name"]?.string ?? "",
            phase: phase,
            input: value["input"]?.string,
            output: value["output"]?.string
        )
    }
}

extension Citation {
    init?(_ value: JSONValue) {
        guard let url = value["url"]?.string else { return nil }
        self.init(
            url: url, title: value["title"]?.string ?? "", start: value["start"]?.int, end: value["end"]?.int)
    }
}

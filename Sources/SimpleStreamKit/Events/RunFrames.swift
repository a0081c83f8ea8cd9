/// Encodes the numbered frames of one run. What all of them say is encoded once.
struct RunFrames {
    private let run: RunIdentity
    private let common: [UInt8]
    private let chunk: [UInt8]

    init(_ run: RunIdentity) {
        self.run = run
        common = Array(Self.begin("", run).bytes.dropFirst(#"{"type":"""#.utf8.count))
        chunk = Self.begin("ai_chat_chunk", run).bytes
    }

    func text(_ delta: String, seq: Int) -> Frame {
        var event = EventWriter(continuing: chunk, reserving: delta.utf8.count + 48)
        let range = event.delta("chunk", delta)
        return numbered(.text, event, seq: seq, delta: range)
    }

    func thinking(_ delta: String, duration: Int, seq: Int) -> Frame {
        var event = EventWriter(continuing: chunk, reserving: delta.utf8.count + 96)
        event.field("isThinking", true)
        let range = event.delta("thinkingText", delta)
        event.field("thinkingDuration", duration)
        return numbered(.thinking, event, seq: seq, delta: range)
    }

    func tool(_ tool: ToolEvent, seq: Int) -> Frame {
        var event = begin("ai_chat_tool")
        var value: JSONValue = ["id": .string(tool.id), "name": .string(tool.name)]
        value["phase"] = .string(tool.phase.rawValue)
        value["input"] = tool.input.map(JSONValue.string)
        value["output"] = tool.output.map(JSONValue.string)
        event.field("tool", json: value)
        return numbered(.event, event, seq: seq)
    }

    func citations(_ citations: [Citation], seq: Int) -> Frame {
        var event = begin("ai_chat_citation")
        event.field("citations", json: .array(citations.map(\.json)))
        return numbered(.event, event, seq: seq)
    }

    func inlineData(mime: String, bytes: [UInt8], seq: Int) -> Frame {
        var event = begin("ai_chat_inline_data")
        event.field("data", "data:\(mime);base64,\(bytes.base64)")
        event.field("mime", mime)
        return numbered(.event, event, seq: seq)
    }

    /// The last frame of a run whose answer is kept, made of what is stored.
    func response(_ answer: Message, title: String?) -> Frame {
        var event = begin("ai_chat_response")
        event.field("title", title)
        event.field("chunk", answer.content)
        event.field("thinkingText", answer.thinkingText)
        event.field("thinkingDuration", answer.thinkingDuration)
        event.field("stopReason", (answer.stopReason ?? .other).rawValue)
        if let usage = answer.usage {
            event.field("usage", usage.totalTokens)
            event.field("usageDetail", json: usage.json)
        }
        event.field("costMicroUSD", answer.costMicroUSD)
        event.field("done", true)
        event.field("seq", answer.materializedSeq)
        return frame(.terminal, event, seq: answer.materializedSeq)
    }

    /// The last frame of a run that failed or was interrupted.
    func error(
        _ failure: Message.Failure, seq: Int, title: String?, requestID: String?, retryAfter: Duration?
    ) -> Frame {
        var event = begin("ai_chat_error")
        event.field("title", title)
        event.field("code", failure.code.rawValue)
        event.field("message", failure.message)
        event.field("retryable", failure.retryable)
        event.field("retryAfterMs", retryAfter?.milliseconds)
        event.field("requestId", requestID)
        event.field("done", true)
        event.field("seq", seq)
        return frame(.terminal, event, seq: seq)
    }

    // MARK: Notices

    func ack(_ ticket: RunTicket) -> Frame {
        var event = begin("ai_chat_ack")
        event.field("title", ticket.title)
        event.field("requestId", ticket.requestID)
        event.field("userMessageId", ticket.userMessageID)
        event.field("createdAt", ticket.createdAt.milliseconds)
        return .notice(event.finish())
    }

    func trimmed(droppedMessages: Int, reason: String) -> Frame {
        var event = begin("context:trimmed")
        event.field("droppedMessages", droppedMessages)
        event.field("reason", reason)
        return .notice(event.finish())
    }

    func resumed(at seq: Int) -> Frame {
        var event = begin("stream:resumed")
        event.field("resumedAt", seq)
        event.field("chunks", json: [])
        return .notice(event.finish())
    }

    func snapshot(seq: Int, text: String, thinkingText: String?, status: Message.Status) -> Frame {
        var event = begin("stream:snapshot")
        event.field("seq", seq)
        event.field("text", text)
        event.field("thinkingText", thinkingText)
        event.field("status", status.rawValue)
        return .notice(event.finish())
    }

    // MARK: Parts

    private func begin(_ type: String) -> EventWriter {
        var prefix = EventWriter(type).bytes
        prefix += common
        return EventWriter(continuing: prefix, reserving: 256)
    }

    private static func begin(_ type: String, _ run: RunIdentity) -> EventWriter {
        var event = EventWriter(type)
        event.field("conversationId", run.conversationID)
        event.field("messageId", run.messageID)
        event.field("userId", run.userID)
        event.field("provider", run.provider)
        event.field("model", run.model)
        return event
    }

    /// Ends an event that does not end the run. The number stands last, where joining finds it.
    private func numbered(
        _ kind: Frame.Kind, _ event: consuming EventWriter, seq: Int, delta: Range<Int> = 0..<0
    ) -> Frame {
        if kind != .event { event.field("done", false) }
        event.field("seq", seq)
        return frame(kind, event, seq: seq, delta: delta)
    }

    private func frame(
        _ kind: Frame.Kind, _ event: consuming EventWriter, seq: Int, delta: Range<Int> = 0..<0
    ) -> Frame {
        Frame(kind: kind, messageID: run.messageID, fromSeq: seq, seq: seq, json: event.finish(), delta: delta)
    }
}

/// Who a run belongs to and who answers.
struct RunIdentity: Sendable, Hashable {
    var conversationID: String
    var messageID: String
    var userID: String
    var provider: String
    var model: String
}

extension RunIdentity {
    init(_ run: Run) {
        conversationID = run.message.conversationID
        messageID = run.message.id
        userID = run.userID
        provider = run.message.provider ?? ""
        model = run.message.model ?? ""
    }
}

extension Citation {
    package var json: JSONValue {
        var value: JSONValue = ["url": .string(url), "title": .string(title)]
        value["start"] = start.map(JSONValue.integer)
        value["end"] = end.map(JSONValue.integer)
        return value
    }
}

extension TokenUsage {
    /// As the protocol shows it.
    package var json: JSONValue {
        [
            "inputTokens": .integer(inputTokens), "cachedInputTokens": .integer(cachedInputTokens),
            "outputTokens": .integer(outputTokens), "reasoningTokens": .integer(reasoningTokens),
            "estimated": .bool(estimated),
        ]
    }
}

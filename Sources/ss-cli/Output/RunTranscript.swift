import SimpleStreamKit

/// What a run has come to, as its frames tell, without I/O.
struct RunTranscript {
    /// What a frame added, for those who show it.
    enum Change {
        case text(String)
        case thinking(String)
        /// What was shown before does not hold any more; this does.
        case replaced(String)
        case citations([Citation])
        case picture(mime: String)
        case tool(ToolEvent)
        case trimmed(messages: Int)
        case ended
        case nothing
    }

    private(set) var conversationID: String?
    private(set) var messageID: String?
    private(set) var provider: String?
    private(set) var model: String?
    private(set) var text = ""
    private(set) var thinking = ""
    private(set) var stopReason: FinishReason?
    private(set) var usage: TokenUsage?
    private(set) var costMicroUSD: Int?
    private(set) var citations: [Citation] = []
    private(set) var toolCalls: [ToolCall] = []
    private(set) var failure: ChatError?
    private(set) var hasEnded = false

    init(conversationID: String? = nil, model: ModelName?) {
        self.conversationID = conversationID
        provider = model?.provider
        self.model = model?.model
    }

    /// Takes a frame, which may say several things, such as the end and what came before it.
    mutating func apply(_ frame: ServerFrame) -> [Change] {
        identify(frame)
        guard let event = ChatEvent(decoding: frame.json) else { return [] }
        switch event {
        case .text(let piece):
            text += piece
            return [.text(piece)]
        case .thinking(let piece):
            thinking += piece
            return [.thinking(piece)]
        case .snapshot(let text, let thinking):
            return catchUp(text, thinking)
        case .tool(let tool):
            note(tool)
            return [.tool(tool)]
        case .citations(let sources):
            citations += sources
            return [.citations(sources)]
        case .inlineData(let mime, _):
            return [.picture(mime: mime)]
        case .trimmed(let count):
            return [.trimmed(messages: count)]
        case .finished(let answer):
            return finish(answer)
        case .failed(let error):
            failure = error
            hasEnded = true
            return [.ended]
        @unknown default:
            return []
        }
    }

    /// The run cannot be followed to its end.
    mutating func fail(_ error: ChatError) {
        if failure == nil { failure = error }
    }

    private mutating func identify(_ frame: ServerFrame) {
        conversationID = frame.fields["conversationId"]?.string ?? conversationID
        messageID = frame.messageID ?? messageID
        provider = frame.fields["provider"]?.string ?? provider
        model = frame.fields["model"]?.string ?? model
    }

    private mutating func finish(_ answer: ChatEvent.Answer) -> [Change] {
        let changes = catchUp(answer.text, answer.thinking ?? thinking)
        stopReason = answer.stopReason
        usage = answer.usage
        costMicroUSD = answer.costMicroUSD
        hasEnded = true
        return changes + [.ended]
    }

    /// The whole text and thinking so far, of which some was said before.
    private mutating func catchUp(_ whole: String, _ wholeThinking: String) -> [Change] {
        var changes: [Change] = []
        if let more = wholeThinking.tail(after: thinking), !more.isEmpty { changes.append(.thinking(more)) }
        if let more = whole.tail(after: text) {
            if !more.isEmpty { changes.append(.text(more)) }
        } else {
            changes.append(.replaced(whole))
        }
        (text, thinking) = (whole, wholeThinking)
        return changes
    }

    private mutating func note(_ tool: ToolEvent) {
        guard tool.phase == .finished else { return }
        let call = ToolCall(id: tool.id, name: tool.name, arguments: tool.input ?? "{}")
        if let index = toolCalls.firstIndex(where: { $0.id == tool.id }) {
            toolCalls[index] = call
        } else {
            toolCalls.append(call)
        }
    }
}

extension RunTranscript {
    /// The object `--json` prints.
    var json: JSONValue {
        var json: JSONValue = [
            "conversationId": conversationID.map(JSONValue.string) ?? .null,
            "messageId": messageID.map(JSONValue.string) ?? .null,
            "provider": provider.map(JSONValue.string) ?? .null,
            "model": model.map(JSONValue.string) ?? .null,
            "text": .string(text),
        ]
        if !thinking.isEmpty { json["thinkingText"] = .string(thinking) }
        json["stopReason"] = stopReason.map { .string($0.rawValue) } ?? .null
        json["usage"] = usage?.json ?? .null
        json["costMicroUSD"] = costMicroUSD.map(JSONValue.integer)
        if !citations.isEmpty { json["citations"] = .array(citations.map(\.json)) }
        // Tools a provider ran itself are no calls anybody waits for.
        if stopReason == .toolCalls, !toolCalls.isEmpty {
            json["toolCalls"] = .array(toolCalls.map(\.json))
        }
        json["error"] = failure.map(\.json)
        return json
    }

    /// How the process is to end.
    var exitStatus: ExitStatus {
        if let failure { return ExitStatus(failure.code) }
        guard hasEnded else { return .cutOff }
        return stopReason.map(ExitStatus.init) ?? .success
    }
}

extension ChatError {
    /// As `--json` shows it.
    var json: JSONValue {
        ["code": .string(code.rawValue), "message": .string(message), "retryable": .bool(isRetryable)]
    }
}

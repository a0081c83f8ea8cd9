package import SimpleStreamKit

/// What a client holds of one answer when it follows the protocol's rules, and whether the server kept them.
package struct TestAnswer: Sendable, Hashable {
    package private(set) var messageID = ""
    package private(set) var conversationID = ""
    package private(set) var text = ""
    package private(set) var thinking = ""
    /// The last sequence number.
    package private(set) var seq = 0
    /// The terminal frame.
    package private(set) var terminal: JSONValue?
    /// What the server did wrong: holes, repeats, frames after the end.
    package private(set) var faults: [String] = []

    package init() {}

    /// An answer that was begun before; what follows must go on after `seq`.
    package init(messageID: String, text: String, seq: Int) {
        self.messageID = messageID
        self.text = text
        self.seq = seq
    }

    /// Takes a frame; frames of other runs and of none are passed over.
    package mutating func apply(_ event: JSONValue) {
        let type = event["type"]?.string ?? ""
        guard type.hasPrefix("ai_chat_") || type == "stream:snapshot", let id = event["messageId"]?.string else {
            return
        }
        if messageID.isEmpty { messageID = id }
        guard id == messageID else { return }
        conversationID = event["conversationId"]?.string ?? conversationID
        switch type {
        case "ai_chat_ack": return
        case "stream:snapshot":
            text = event["text"]?.string ?? ""
            thinking = event["thinkingText"]?.string ?? ""
            seq = event["seq"]?.int ?? 0
        case "ai_chat_response", "ai_chat_error":
            if terminal != nil { faults.append("a second end") }
            terminal = event
            seq = event["seq"]?.int ?? seq
        default:
            let last = event["seq"]?.int ?? 0
            let first = event["fromSeq"]?.int ?? last
            if terminal != nil { faults.append("\(type) \(last) after the end") }
            if first != seq + 1 { faults.append("\(first)…\(last) after \(seq)") }
            seq = last
            text += event["chunk"]?.string ?? ""
            thinking += event["thinkingText"]?.string ?? ""
        }
    }
}

extension TestWebSocket {
    /// Follows one answer until its end, or until `isEnough`.
    package mutating func follow(
        _ answer: TestAnswer = TestAnswer(), until isEnough: (TestAnswer) -> Bool = { $0.terminal != nil }
    ) async throws -> TestAnswer {
        var answer = answer
        while !isEnough(answer) {
            switch try await next() {
            case .text(let event): answer.apply(event)
            case .close(let code): throw TestConnection.Closed(rest: "close \(code) at \(answer)")
            case .end: throw TestConnection.Closed(rest: "the end at \(answer)")
            }
        }
        return answer
    }

    /// Asks, and returns the ack.
    package mutating func ask(
        _ prompt: String, provider: String, conversationID: String = "new-chat", requestID: String? = nil,
        model: String? = nil
    ) async throws -> JSONValue {
        var event: JSONValue = [
            "type": "ai_chat_request", "conversationId": .string(conversationID), "prompt": .string(prompt),
            "provider": .string(provider),
        ]
        event["requestId"] = requestID.map(JSONValue.string)
        event["model"] = model.map(JSONValue.string)
        try await send(event)
        return try await next("ai_chat_ack")
    }
}

/// An item of the output while it arrives.
struct ResponsesItem: Sendable {
    /// What the decoder does with it.
    enum Kind: Sendable {
        case message, reasoning
        /// A call for us.
        case call
        /// A call the provider runs itself.
        case serverCall
        case other
    }

    var kind: Kind
    /// What callers call it.
    var callID: String
    var name: String
    var arguments = ""
    /// Whether any of its text came as deltas.
    var hasText = false
    var hasCitations = false
    var isDone = false
    /// Where in the answer the text of its parts begins, in Unicode scalars.
    var partStarts: [Int: Int] = [:]

    init(_ view: JSONView, serverCallPrefixes: [String]) {
        let type = view["type"]?.string ?? ""
        let id = view["id"]?.string ?? ""
        let callID = view["call_id"]?.string ?? ""
        self.callID = callID.isEmpty ? id : callID
        switch type {
        case "message": kind = .message
        case "reasoning": kind = .reasoning
        case "function_call", "custom_tool_call":
            kind = serverCallPrefixes.contains(where: self.callID.hasPrefix) ? .serverCall : .call
        default: kind = type.hasSuffix("_call") ? .serverCall : .other
        }
        let ownName = view["name"]?.string ?? ""
        name = ownName.isEmpty ? type.hasSuffix("_call") ? String(type.dropLast(5)) : type : ownName
    }

    /// Whether it is a call, whoever runs it.
    var isCall: Bool { kind == .call || kind == .serverCall }

    /// An event about it, for calls.
    func event(_ phase: ToolEvent.Phase, input: String? = nil, output: String? = nil) -> ReplyEvent {
        .tool(
            ToolEvent(
                id: callID, name: name, phase: phase, input: input, output: output, isServerSide: kind == .serverCall))
    }
}

/// An assistant's turn as Anthropic wants it back: thinking with its signatures, redacted thinking, calls, in order.
///
/// Of the text only the lengths are kept; it stands in the message.
struct AnthropicTurn: Sendable {
    /// Bytes of JSON beyond which nothing is kept.
    static let maxBytes = 1 << 20

    private var blocks: [JSONValue] = []
    private var isNeeded = false
    /// Of thinking, results and arguments.
    private var bytes = 0

    init() {}

    /// Adds a thinking block; without a signature it cannot be sent back.
    mutating func addThinking(_ text: String, signature: String) {
        guard !signature.isEmpty, hasRoom(for: text.utf8.count + signature.utf8.count) else { return }
        isNeeded = true
        blocks.append(["type": "thinking", "thinking": .string(text), "signature": .string(signature)])
    }

    mutating func addRedactedThinking(_ data: String) {
        guard hasRoom(for: data.utf8.count) else { return }
        isNeeded = true
        blocks.append(["type": "redacted_thinking", "data": .string(data)])
    }

    mutating func addText(bytes: Int) {
        guard bytes > 0, hasRoom(for: 0) else { return }
        blocks.append(["type": "text", "bytes": .integer(bytes)])
    }

    /// Counts what is about to be kept; false, and all is forgotten, when that is too much.
    private mutating func hasRoom(for count: Int) -> Bool {
        bytes += count + 64
        if bytes <= Self.maxBytes { return true }
        blocks = []
        return false
    }

    mutating func addCall(_ call: ToolCall) {
        let input = try? JSONValue(parsing: call.arguments, .provider)  // Cut off: cannot be sent back.
        guard let input, input.object != nil, hasRoom(for: call.arguments.utf8.count) else { return }
        blocks.append([
            "type": "tool_use", "id": .string(call.id), "name": .string(call.name), "input": input,
        ])
    }

    /// Adds a block of a tool that the provider runs; wanted back only when the turn was paused.
    ///
    /// - Parameter count: the bytes of its JSON.
    mutating func addServerBlock(_ block: JSONValue, bytes count: Int) {
        guard hasRoom(for: count) else { return }
        blocks.append(["type": "server", "block": block])
    }

    /// What to keep, or nil when the message itself says it all.
    func state(provider: String, isPaused: Bool) -> ProviderState? {
        guard isNeeded || isPaused, bytes <= Self.maxBytes else { return nil }
        let kept = blocks.filter { isPaused || $0["type"] != "server" }
        let json = JSONValue.object(
            {
                var object = JSONObject()
                object["blocks"] = .array(kept)
                return object
            }()
        ).encoded
        guard json.count <= Self.maxBytes else { return nil }
        return ProviderState(provider: provider, json: String(decoding: json, as: UTF8.self))
    }

    /// The blocks of an earlier turn with its `text` put back in; nil when state and text do not belong together.
    ///
    /// - Parameter answered: the calls whose results follow. Others are left out: they would be refused.
    static func blocks(from state: ProviderState, text: String, answered: Set<String>) -> [JSONValue]? {
        let json = try? JSONValue(parsing: state.json, .provider)  // Unreadable: as if there were none.
        guard let kept = json?["blocks"]?.array else { return nil }
        var rest = text.utf8[...]
        var blocks: [JSONValue] = []
        for block in kept {
            switch block["type"]?.string {
            case "text":
                guard let count = block["bytes"]?.int, count > 0, count <= rest.count,
                    let piece = String(validating: rest.prefix(count), as: UTF8.self)
                else { return nil }
                rest = rest.dropFirst(count)
                if !piece.allSatisfy(\.isWhitespace) { blocks.append(["type": "text", "text": .string(piece)]) }
            case "tool_use":
                if let id = block["id"]?.string, answered.contains(id) { blocks.append(block) }
            case "server":
                if let inner = block["block"] { blocks.append(inner) }
            default:
                blocks.append(block)
            }
        }
        guard let end = String(validating: rest, as: UTF8.self) else { return nil }
        if !end.allSatisfy(\.isWhitespace) { blocks.append(["type": "text", "text": .string(end)]) }
        // Thinking alone is no turn.
        return blocks.contains { $0["type"] != "thinking" && $0["type"] != "redacted_thinking" } ? blocks : nil
    }
}

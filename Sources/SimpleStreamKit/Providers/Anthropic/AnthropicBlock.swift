/// A content block while it comes in.
struct AnthropicBlock: Sendable {
    let type: String
    /// Where its text begins in the answer.
    let firstScalar: Int
    var id = ""
    var name = ""
    /// The arguments as they stood in the block's start.
    var initial: String?
    /// The arguments that came in pieces.
    var input = ""
    var textBytes = 0
    var thinking = ""
    /// The signature of thinking, or the data of redacted thinking.
    var signature = ""
    var citations: [Citation] = []
    /// The block's start, for what has to be sent back whole.
    var source: JSONValue?

    init(type: String, firstScalar: Int) {
        self.type = type
        self.firstScalar = firstScalar
    }

    var isCall: Bool { type == "tool_use" || isServerSide }
    var isServerSide: Bool { type == "server_tool_use" || type == "mcp_tool_use" }

    /// All arguments; `{}` when there are none.
    var arguments: String {
        if !input.isEmpty { return input }
        guard let initial, !initial.isEmpty else { return "{}" }
        return initial
    }

    var sourceWithInput: JSONValue? {
        guard var source, let input = try? JSONValue(parsing: arguments, .provider) else { return nil }  // Cut off.
        source["input"] = input
        return source
    }

    /// Its citations, each about all of the block's text.
    func citations(upTo end: Int) -> [Citation] {
        citations.map { citation in
            var citation = citation
            citation.start = firstScalar
            citation.end = end
            return citation
        }
    }

    func event(_ phase: ToolEvent.Phase, input: String? = nil) -> ToolEvent {
        ToolEvent(id: id, name: name, phase: phase, input: input, isServerSide: isServerSide)
    }
}

extension String {
    /// Whether it is JSON of an object.
    var isJSONObject: Bool {
        let value = try? JSONValue(parsing: self, .provider)  // Not JSON at all: no.
        return value?.object != nil
    }
}

/// The reasoning that some servers want back with tool results.
struct ReplayedReasoning: Sendable {
    /// Plain reasoning, for servers that take it as `reasoning_content`.
    var text = ""
    /// `reasoning_details`, pieces of one detail joined.
    private var details: [JSONValue] = []

    /// Keeps the pieces of one chunk.
    mutating func take(details view: JSONView) throws(JSONError) {
        var elements = view.elements
        while let element = try elements.next() { add(try element.value()) }
    }

    private mutating func add(_ piece: JSONValue) {
        guard let last = details.last, last["index"] == piece["index"], last["type"] == piece["type"],
            let members = piece.object?.members
        else { return details.append(piece) }
        var joined = last
        for member in members where !member.value.isNull {
            if ["text", "summary", "data"].contains(member.key), let old = last[member.key]?.string,
                let new = member.value.string
            {
                joined[member.key] = .string(old + new)
            } else {
                joined[member.key] = member.value
            }
        }
        details[details.count - 1] = joined
    }

    /// What the details say in words, for servers that send the words nowhere else.
    static func text(of view: JSONView) throws(JSONError) -> String {
        var text = ""
        var elements = view.elements
        while let element = try elements.next() { text += element["text"]?.string ?? element["summary"]?.string ?? "" }
        return text
    }

    /// What to keep; nil when there is nothing.
    func state(of provider: String) -> ProviderState? {
        var object = JSONObject()
        if !details.isEmpty { object["reasoning_details"] = .array(details) }
        if !text.isEmpty { object["reasoning_content"] = .string(text) }
        return object.isEmpty ? nil : ProviderState(provider: provider, json: JSONValue.object(object).text)
    }
}

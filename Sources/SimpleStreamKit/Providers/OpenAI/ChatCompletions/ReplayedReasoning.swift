/// The reasoning that some servers want back with tool results.
struct ReplayedReasoning: Sendable {
    /// Plain reasoning, for servers that take it as `reasoning_content`.
    var text = ""
    /// `reasoning_details`, pieces of one detail joined.
    private var details: [Detail] = []
    private var bytes = 0

    /// More is not kept, and then nothing is.
    private static let maxBytes = 1 << 20

    /// One detail; the words that grow are kept apart from the rest.
    private struct Detail: Sendable {
        var rest: JSONValue
        var words: [String: String] = [:]

        static let growing: Set = ["text", "summary", "data"]

        init(_ piece: JSONValue) {
            rest = piece
            for key in Self.growing { words[key] = piece[key]?.string }
        }

        mutating func join(_ piece: JSONObject) {
            for member in piece.members where !member.value.isNull {
                if let new = member.value.string, words[member.key] != nil {
                    words[member.key]?.append(new)
                } else {
                    rest[member.key] = member.value
                    if Self.growing.contains(member.key) { words[member.key] = member.value.string }
                }
            }
        }

        var json: JSONValue {
            var json = rest
            for (key, text) in words { json[key] = .string(text) }
            return json
        }
    }

    /// Keeps the pieces of one chunk.
    mutating func take(details view: JSONView) throws(JSONError) {
        bytes += view.raw.count
        var elements = view.elements
        while let element = try elements.next() {
            let piece = try element.value()
            if bytes <= Self.maxBytes { add(piece) }
        }
    }

    private mutating func add(_ piece: JSONValue) {
        guard let last = details.indices.last, details[last].rest["index"] == piece["index"],
            details[last].rest["type"] == piece["type"], let object = piece.object
        else { return details.append(Detail(piece)) }
        details[last].join(object)
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
        if !details.isEmpty, bytes <= Self.maxBytes { object["reasoning_details"] = .array(details.map(\.json)) }
        if !text.isEmpty { object["reasoning_content"] = .string(text) }
        return object.isEmpty ? nil : ProviderState(provider: provider, json: JSONValue.object(object).text)
    }
}

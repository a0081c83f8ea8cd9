/// The order of a response's items and its encrypted reasoning, to be sent back with the next turn.
///
/// Reasoning must be followed by what followed it, or it is refused. So the order is kept: reasoning whole, of texts
/// and calls only which part of the message they are. What led to a search of the provider's, or to nothing because the
/// limit was reached, stays out.
struct ResponsesState: Sendable {
    /// An item that is sent back.
    enum Entry: Sendable {
        case reasoning(JSONValue)
        /// So many bytes of the message's text.
        case text(bytes: Int, phase: String?)
        case call(id: String)
    }

    /// A state that is larger is not kept.
    private static let maxBytes = 512 << 10

    private var entries: [Int: Entry] = [:]
    /// Of encrypted reasoning.
    private var bytes = 0

    /// Notes an item of reasoning.
    mutating func take(reasoning view: JSONView, at index: Int) {
        bytes += view.raw.count
        // Too large to be kept, and without its reasoning the rest is a plain message.
        guard bytes <= Self.maxBytes else { return entries = [:] }
        guard let value = try? view.value() else { return }  // Unreadable: nothing to send back.
        entries[index] = .reasoning(value)
    }

    /// Notes more text of an item.
    mutating func take(text bytes: Int, at index: Int) {
        if case .text(let before, let phase) = entries[index] {
            entries[index] = .text(bytes: before + bytes, phase: phase)
        } else {
            entries[index] = .text(bytes: bytes, phase: nil)
        }
    }

    /// Notes whether a text was commentary or the answer.
    mutating func take(phase: String?, at index: Int) {
        guard let phase, case .text(let bytes, _) = entries[index] else { return }
        entries[index] = .text(bytes: bytes, phase: phase)
    }

    /// Notes a call.
    mutating func take(call id: String, at index: Int) { entries[index] = .call(id: id) }

    /// What to keep; nil when a plain message says it all.
    func state(of provider: String) -> ProviderState? {
        let output = inOrder
        guard output.contains(where: \.isWorthKeeping) else { return nil }
        let json: JSONValue = ["output": .array(output.map(\.json))]
        let bytes = json.encoded
        guard bytes.count <= Self.maxBytes else { return nil }
        return ProviderState(provider: provider, json: String(decoding: bytes, as: UTF8.self))
    }

    /// The items in order, without reasoning that led to something that is not sent back: it would be refused.
    private var inOrder: [Entry] {
        var output: [Entry] = []
        var next: Int?
        for (index, entry) in entries.sorted(by: { $0.key > $1.key }) {
            if case .reasoning = entry, next != index &+ 1 { continue }
            output.append(entry)
            next = index
        }
        return output.reversed()
    }

    /// Reads what ``state(of:)`` wrote; nil for anything else.
    static func entries(of state: ProviderState, for provider: String) -> [Entry]? {
        guard state.provider == provider, let json = try? JSONValue(parsing: state.json, .provider),
            let output = json["output"]?.array
        else { return nil }
        let entries = output.compactMap(Entry.init)
        return entries.count == output.count ? entries : nil
    }
}

extension ResponsesState.Entry {
    fileprivate init?(_ json: JSONValue) {
        switch json["type"] {
        case "reasoning": self = .reasoning(json)
        case "text":
            guard let bytes = json["bytes"]?.int else { return nil }
            self = .text(bytes: bytes, phase: json["phase"]?.string)
        case "call":
            guard let id = json["id"]?.string else { return nil }
            self = .call(id: id)
        default: return nil
        }
    }

    fileprivate var json: JSONValue {
        switch self {
        case .reasoning(let item): return item
        case .text(let bytes, let phase):
            var json: JSONValue = ["type": "text", "bytes": .integer(bytes)]
            json["phase"] = phase.map(JSONValue.string)
            return json
        case .call(let id): return ["type": "call", "id": .string(id)]
        }
    }

    /// Whether a plain message would lose it.
    fileprivate var isWorthKeeping: Bool {
        switch self {
        case .reasoning: true
        case .text(_, let phase): phase != nil
        case .call: false
        }
    }
}

/// A model's turn as Gemini wants it back: calls, texts and pictures with the signatures that came on them.
///
/// Of the text only the lengths are kept, of the pictures only their places; they stand in the message.
struct GeminiTurn: Sendable {
    /// Bytes of JSON beyond which nothing is kept.
    static let maxBytes = 1 << 20

    private var parts: [JSONValue] = []
    private var isNeeded = false
    /// Bytes of signatures and calls.
    private var bytes = 0
    /// Bytes of text since the last part.
    private var pendingBytes = 0

    init() {}

    /// Ids of calls that Gemini gave none.
    static func madeUpID(_ number: Int) -> String { "gemini-call-\(number)" }

    static func isMadeUp(_ id: String) -> Bool { id.hasPrefix("gemini-call-") }

    /// Adds text; a signature on it ends its part.
    mutating func addText(bytes: Int, signature: String?) {
        pendingBytes += bytes
        guard let signature, !signature.isEmpty, hasRoom(for: signature.utf8.count) else { return }
        isNeeded = true
        parts.append(["bytes": .integer(pendingBytes), "thoughtSignature": .string(signature)])
        pendingBytes = 0
    }

    mutating func addCall(_ call: ToolCall, signature: String?) {
        guard hasRoom(for: call.arguments.utf8.count + (signature?.utf8.count ?? 0)) else { return }
        flush()
        let arguments = try? JSONValue(parsing: call.arguments, .provider)  // Made by us: always an object.
        var part: JSONValue = [
            "functionCall": ["name": .string(call.name), "args": arguments ?? [:]], "id": .string(call.id),
        ]
        if let signature, !signature.isEmpty {
            isNeeded = true
            part["thoughtSignature"] = .string(signature)
        }
        parts.append(part)
    }

    /// Adds the next picture.
    mutating func addImage(signature: String?) {
        guard hasRoom(for: signature?.utf8.count ?? 0) else { return }
        flush()
        var part: JSONValue = ["image": true]
        if let signature, !signature.isEmpty {
            isNeeded = true
            part["thoughtSignature"] = .string(signature)
        }
        parts.append(part)
    }

    /// Counts what is about to be kept; false, and all is forgotten, when that is too much.
    private mutating func hasRoom(for count: Int) -> Bool {
        bytes += count + 64
        if bytes <= Self.maxBytes { return true }
        parts = []
        return false
    }

    private mutating func flush() {
        if pendingBytes > 0 { parts.append(["bytes": .integer(pendingBytes)]) }
        pendingBytes = 0
    }

    /// What to keep, or nil when there was no signature.
    mutating func state(provider: String) -> ProviderState? {
        guard isNeeded, bytes <= Self.maxBytes else { return nil }
        flush()
        let json: JSONValue = ["parts": .array(parts)]
        let bytes = json.encoded
        guard bytes.count <= Self.maxBytes else { return nil }
        return ProviderState(provider: provider, json: String(decoding: bytes, as: UTF8.self))
    }

    /// The parts of an earlier turn with its `text` put back in; nil when state and text do not belong together.
    ///
    /// - Parameters:
    ///   - calls: the ids of the calls the message still has; others are left out.
    ///   - images: the message's pictures as parts, in order.
    static func parts(
        from state: ProviderState, text: String, calls: Set<String>, images: [JSONValue] = []
    ) -> [JSONValue]? {
        let json = try? JSONValue(parsing: state.json, .provider)  // Unreadable: as if there were none.
        guard let kept = json?["parts"]?.array else { return nil }
        var rest = text.utf8[...]
        var parts: [JSONValue] = []
        var seen: Set<String> = []
        var open = images[...]
        for part in kept {
            if let count = part["bytes"]?.int {
                guard count >= 0, count <= rest.count,
                    let piece = String(validating: rest.prefix(count), as: UTF8.self)
                else { return nil }
                rest = rest.dropFirst(count)
                var value: JSONValue = ["text": .string(piece)]
                value["thoughtSignature"] = part["thoughtSignature"]
                parts.append(value)
            } else if part["image"] == true {
                guard var value = open.popFirst() else { return nil }
                value["thoughtSignature"] = part["thoughtSignature"]
                parts.append(value)
            } else if let id = part["id"]?.string, calls.contains(id) {
                seen.insert(id)
                var value = part
                value["id"] = nil
                if !isMadeUp(id) { value["functionCall"]?["id"] = .string(id) }
                parts.append(value)
            }
        }
        guard seen == calls, open.isEmpty, let end = String(validating: rest, as: UTF8.self) else { return nil }
        if !end.isEmpty { parts.append(["text": .string(end)]) }
        return parts.isEmpty ? nil : parts
    }
}

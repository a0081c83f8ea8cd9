#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a `nextCursor` holds: the place in a list after which the next page starts.
///
/// Opaque to clients, the same in every store. A cursor is checked when it comes back; it gives no access, since the
/// list it is used on is the user's own.
package enum PageCursor: Hashable {
    /// After this conversation in the list by activity.
    case conversation(updatedAt: Int64, id: String)
    /// After this message in its conversation.
    case message(ordinal: Int64)

    /// The text a client gets.
    package var text: String {
        let plain =
            switch self {
            case .conversation(let updatedAt, let id): "c.\(updatedAt).\(id)"
            case .message(let ordinal): "m.\(ordinal)"
            }
        let encoded = Data(plain.utf8).base64EncodedString()
        return String(
            encoded.compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }

    private init?(_ text: String) {
        guard text.utf8.count <= 400 else { return nil }
        var encoded = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        while encoded.utf8.count % 4 != 0 { encoded.append("=") }
        guard let data = Data(base64Encoded: encoded), let plain = String(validating: data, as: UTF8.self) else {
            return nil
        }
        let parts = plain.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        switch (parts.first, parts.count) {
        case ("c", 3):
            guard let updatedAt = Int64(parts[1]), UUIDv7.isWellFormed(String(parts[2])) else { return nil }
            self = .conversation(updatedAt: updatedAt, id: String(parts[2]))
        case ("m", 2):
            guard let ordinal = Int64(parts[1]) else { return nil }
            self = .message(ordinal: ordinal)
        default:
            return nil
        }
        // One cursor has one spelling.
        guard self.text == text else { return nil }
    }

    /// Reads a cursor of the list of conversations.
    package static func conversation(_ text: String) throws(ChatError) -> (updatedAt: Int64, id: String) {
        guard case .conversation(let updatedAt, let id) = PageCursor(text) else { throw invalid() }
        return (updatedAt, id)
    }

    /// Reads a cursor of a conversation's messages.
    package static func message(_ text: String) throws(ChatError) -> Int64 {
        guard case .message(let ordinal) = PageCursor(text) else { throw invalid() }
        return ordinal
    }

    /// Refuses a page size outside 1 to 200.
    package static func check(limit: Int) throws(ChatError) {
        guard (1...200).contains(limit) else {
            throw ChatError(.invalidRequest, "limit must be from 1 to 200.")
        }
    }

    private static func invalid() -> ChatError {
        ChatError(.invalidRequest, "cursor is not one this list gave out. Leave it away to start from the beginning.")
    }
}

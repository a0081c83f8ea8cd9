import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A JSON object of the protocol's REST section, read where it is needed and printed as it came.
protocol Record: Sendable {
    var json: JSONValue { get }
    init(json: JSONValue)
}

extension Record {
    func text(_ name: String) -> String? { json[name]?.string }

    /// A time in the local time zone, to the minute.
    func time(_ name: String) -> String {
        guard let text = text(name), let date = try? Date(text, strategy: .protocolTime) else { return "" }
        let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: .current)
        return String(date.formatted(style).prefix("2026-01-01 00:00".count))
    }
}

/// A conversation.
struct ConversationRecord: Record {
    let json: JSONValue
    var id: String { text("id") ?? "" }
    var title: String { text("title") ?? "" }
    var activeLeafID: String? { text("activeLeafId") }
}

/// A message.
struct MessageRecord: Record {
    let json: JSONValue
    var id: String { text("id") ?? "" }
    var parentID: String? { text("parentId") }
    var role: String { text("role") ?? "" }
    var content: String { text("content") ?? "" }
    var thinkingText: String? { text("thinkingText") }
    var status: String { text("status") ?? "" }

    /// Who answered.
    var model: ModelName? { text("provider").map { ModelName(provider: $0, model: text("model")) } }
}

extension [MessageRecord] {
    /// The messages from the root to `leafID`, oldest first; all when it is not there.
    func branch(endingAt leafID: String?) -> [MessageRecord] {
        let byID = Dictionary(map { ($0.id, $0) }) { first, _ in first }
        var branch: [MessageRecord] = []
        var next = leafID
        // A branch is never longer than the list, whatever the parents say.
        while let id = next, let message = byID[id], branch.count < count {
            branch.append(message)
            next = message.parentID
        }
        return branch.isEmpty ? self : branch.reversed()
    }
}

/// An answer that is being written.
struct RunRecord: Record {
    let json: JSONValue
    var messageID: String { text("messageId") ?? "" }
    var conversationID: String { text("conversationId") ?? "" }
    var model: ModelName { ModelName(provider: text("provider") ?? "", model: text("model")) }
    var seq: Int { json["seq"]?.int ?? 0 }
}

/// A model.
struct ModelRecord: Record {
    let json: JSONValue
    var name: ModelName { ModelName(provider: text("provider") ?? "", model: text("id")) }
    var displayName: String { text("displayName") ?? text("id") ?? "" }
    var contextWindow: Int? { json["contextWindow"]?.int }
    var keySource: String { text("keySource") ?? "none" }
    var isAvailable: Bool { json["available"]?.bool ?? (keySource != "none") }
}

/// A user's key for a provider.
struct KeyRecord: Record {
    let json: JSONValue
    var provider: String { text("provider") ?? "" }
    var lastFour: String { text("last4") ?? "" }
    var verdict: String { text("verdict") ?? json["verdict"]?["code"]?.string ?? "" }
}

/// A token of a server, without the token.
struct TokenRecord: Record {
    let json: JSONValue
    var id: String { text("id") ?? "" }
    var name: String { text("name") ?? "" }
    var scopes: String { (json["scopes"]?.array ?? []).compactMap(\.string).joined(separator: " ") }
}

extension ParseStrategy where Self == Date.ISO8601FormatStyle {
    /// Times as the protocol writes them.
    static var protocolTime: Date.ISO8601FormatStyle { Date.ISO8601FormatStyle(includingFractionalSeconds: true) }
}

extension Date {
    /// As the protocol writes it.
    var json: JSONValue { .string(iso8601) }
}

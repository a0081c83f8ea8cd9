#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an ``InMemoryStore`` holds: tables and their indexes.
struct InMemoryState: Sendable {
    struct ConversationRow {
        var conversation: Conversation
        var titleWords: SearchWords
        /// Oldest first.
        var messageIDs: [String] = []
    }

    struct MessageRow {
        var message: Message
        var userID: String
        /// Counts messages in the order they were stored.
        let ordinal: Int64
        var run: RunRow?
        /// Empty while the message is streaming.
        var words = SearchWords("")
    }

    struct RunRow {
        var requestID: String?
        let requestHash: String
        var node: String
        var leaseEpoch: Int
        var leaseUntil: Date
        var isStopRequested = false
    }

    struct AttachmentRow {
        var attachment: Attachment
        var messageID: String?
    }

    /// A name that is unique per user.
    struct UserScoped: Hashable {
        let userID: String
        let name: String
    }

    var conversations: [String: ConversationRow] = [:]
    var conversationIDs: [String: Set<String>] = [:]
    var messages: [String: MessageRow] = [:]
    var lastOrdinal: Int64 = 0
    var messageIDsByRequest: [UserScoped: String] = [:]
    var streamingIDs: Set<String> = []
    var attachments: [String: AttachmentRow] = [:]
    var keys: [UserScoped: StoredKey] = [:]
    var documents: [UserScoped: String] = [:]
    var usage: [String: [UsageRecord]] = [:]
    var keyUses: [KeyUse] = []
    var canary: SealedBox?
    var quotas = QuotaLedger()
    var accounts = InMemoryAccounts()
}

extension InMemoryState {
    func conversation(_ id: String, of userID: String) -> ConversationRow? {
        guard let row = conversations[id], row.conversation.userID == userID else { return nil }
        return row
    }

    /// A message of that conversation. The conversation's owner is checked by the caller.
    func message(_ id: String, in conversationID: String) -> MessageRow? {
        guard let row = messages[id], row.message.conversationID == conversationID else { return nil }
        return row
    }

    /// The path from the root to `leafID`, oldest first, at most the last `limit`.
    func path(to leafID: String?, limit: Int = .max) -> [Message] {
        var path: [Message] = []
        var next = leafID
        while path.count < limit, let id = next, let row = messages[id] {
            path.append(row.message)
            next = row.message.parentID
        }
        path.reverse()
        return path
    }

    /// The end of a path, by its size.
    func branch(to leafID: String?, bytes: Int) -> RunBranch {
        let path = path(to: leafID)
        var read = 0
        let messages = path.reversed().prefix { message in
            defer { read += message.size }
            return read < bytes
        }
        return RunBranch(messages: messages.reversed(), omitted: path.count - messages.count)
    }

    mutating func insert(_ message: Message, userID: String, run: RunRow? = nil) {
        lastOrdinal += 1
        var row = MessageRow(message: message, userID: userID, ordinal: lastOrdinal, run: run)
        if message.status != .streaming { row.words = SearchWords(message.content) }
        messages[message.id] = row
        conversations[message.conversationID]?.messageIDs.append(message.id)
    }

    func storedBytes(of userID: String) -> Int {
        attachments.values.lazy.filter { $0.attachment.userID == userID }.reduce(0) { $0 + $1.attachment.countedSize }
    }

    mutating func bind(_ attachmentIDs: [String], to messageID: String) {
        for id in attachmentIDs { attachments[id]?.messageID = messageID }
    }

    /// Those of the ids, once each, that are the user's and on no message other than `messageID`.
    func bindable(_ ids: [String], of userID: String, to messageID: String) -> [String] {
        var seen: Set<String> = []
        return ids.filter { id in
            guard let row = attachments[id], row.attachment.userID == userID else { return false }
            return (row.messageID == nil || row.messageID == messageID) && seen.insert(id).inserted
        }
    }
}

/// The words of one text, for searching.
struct SearchWords: Sendable {
    /// Words in lower case, a space before each and after the last.
    private let text: String

    init(_ text: String) { self.text = " \(SearchText.indexed(text)) " }

    func contains(_ phrases: [SearchText.Phrase]) -> Bool {
        phrases.allSatisfy { phrase in
            text.utf8.contains(" \(phrase.words.joined(separator: " "))\(phrase.isPrefix ? "" : " ")".utf8)
        }
    }
}

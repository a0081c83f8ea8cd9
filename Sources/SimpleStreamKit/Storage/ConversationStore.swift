/// Conversations and their messages.
public protocol ConversationStore: Sendable {
    /// The user's conversations, newest activity first.
    ///
    /// - Parameters:
    ///   - query: words to find, never a query language; nil or blank lists all. One text of the conversation, its title
    ///     or a message that is not streaming, must hold them all.
    ///   - cursor: what the last page gave as `nextCursor`; `invalid_request` when it is not one.
    ///   - limit: 1 to 200.
    func conversations(
        of userID: String, matching query: String?, after cursor: String?, limit: Int
    ) async throws(ChatError) -> Page<Conversation>

    /// One conversation, or nil.
    func conversation(_ id: String, of userID: String) async throws(ChatError) -> Conversation?

    /// The messages of a conversation, all branches, oldest first; `not_found` for a foreign one.
    func messages(
        in conversationID: String, of userID: String, after cursor: String?, limit: Int
    ) async throws(ChatError) -> Page<Message>

    /// The path from the root to `leafID`, oldest first, at most the last `limit` messages.
    /// `not_found` when the leaf is not the user's or not in that conversation.
    func branch(
        endingAt leafID: String, in conversationID: String, of userID: String, limit: Int
    ) async throws(ChatError) -> [Message]

    /// Changes what is given and returns the result; nil when there is no such conversation.
    /// That is no activity: the conversation keeps its place in the list.
    /// `not_found` when the leaf is not in that conversation.
    func updateConversation(
        _ id: String, of userID: String, title: String?, activeLeafID: String?
    ) async throws(ChatError) -> Conversation?

    /// Deletes a conversation with its messages; false when there is none. The ids of attachments that
    /// went with it are returned, so that their bytes can go too.
    func deleteConversation(_ id: String, of userID: String) async throws(ChatError) -> DeletedConversation?

    /// Sets what the user thinks of an answer; nil leaves it. Nil when there is no such message.
    func rateMessage(
        _ id: String, of userID: String, liked: Bool?, disliked: Bool?
    ) async throws(ChatError) -> Message?
}

/// What went with a conversation.
public struct DeletedConversation: Sendable, Hashable {
    public var attachmentIDs: [String]
    /// Runs that were active.
    public var runIDs: [String]

    public init(attachmentIDs: [String], runIDs: [String]) {
        self.attachmentIDs = attachmentIDs
        self.runIDs = runIDs
    }
}

/// A piece of a list.
public struct Page<Item: Sendable>: Sendable {
    public var items: [Item]
    /// Nil at the end.
    public var nextCursor: String?

    public init(items: [Item], nextCursor: String? = nil) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

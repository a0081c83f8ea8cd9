/// Conversations that anyone with the link can read. Each has one link at most.
public protocol ShareStore: Sendable {
    /// Shares a conversation in place of what was shared of it before; false when it is not the user's.
    func saveShare(_ share: SharedConversation) async throws(ChatError) -> Bool

    /// What a link shows.
    func share(withHash tokenHash: String) async throws(ChatError) -> SharedConversation?

    /// Ends sharing; false when the user shares no such conversation.
    func deleteShare(ofConversation id: String, of userID: String) async throws(ChatError) -> Bool

    /// Those of the conversations that the user shares.
    func sharedConversations(among ids: [String], of userID: String) async throws(ChatError) -> Set<String>
}

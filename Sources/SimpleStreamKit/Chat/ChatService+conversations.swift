import Logging
import Synchronization

extension ChatService {
    /// Changes a conversation's title or active branch and tells the user's other connections.
    ///
    /// - Throws: `not_found`, `invalid_request` for a title that is empty or longer than 200 characters.
    public func updateConversation(
        _ id: String, of userID: String, title: String? = nil, activeLeafID: String? = nil
    ) async throws(ChatError) -> Conversation {
        if let title, title.allSatisfy(\.isWhitespace) || title.count > 200 || title.contains("\0") {
            throw FieldReader.wrong("title", "a text of 1 to 200 characters")
        }
        guard
            let conversation = try await store.updateConversation(
                id, of: userID, title: title, activeLeafID: activeLeafID)
        else { throw ChatError(.notFound, "There is no such conversation.") }
        if title != nil { announceTitle(of: conversation) }
        return conversation
    }

    /// Deletes a conversation with everything in it; what is being written in it stops.
    ///
    /// - Throws: `not_found`.
    public func deleteConversation(_ id: String, of userID: String) async throws(ChatError) {
        guard let deleted = try await store.deleteConversation(id, of: userID) else {
            throw ChatError(.notFound, "There is no such conversation.")
        }
        let own = live.withLock { live in deleted.runIDs.compactMap { live.runs[$0] } }
        for run in own { run.stop(.deleted) }
        if own.count < deleted.runIDs.count { tellOwners(of: deleted.runIDs) }
        await deleteBytes(of: deleted.attachmentIDs)
        let notice = Notice.conversation("conversation:deleted", id: id, userID: userID, title: nil)
        pubSub.publish([notice], to: Self.channel(ofUser: userID))
    }

    /// Tells the user's other connections that something is being typed.
    ///
    /// - Throws: `not_found`.
    public func typing(in conversationID: String, from mailbox: Mailbox) async throws(ChatError) {
        guard try await store.conversation(conversationID, of: mailbox.userID) != nil else {
            throw ChatError(.notFound, "There is no such conversation.")
        }
        let notice = Notice.typing(conversationID: conversationID, userID: mailbox.userID, senderID: mailbox.id)
        pubSub.publish([notice], to: Self.channel(ofUser: mailbox.userID))
    }

    func announceTitle(of conversation: Conversation) {
        let notice = Notice.conversation(
            "conversation:title_updated", id: conversation.id, userID: conversation.userID, title: conversation.title)
        pubSub.publish([notice], to: Self.channel(ofUser: conversation.userID))
    }

    /// Tells all connections of a user something that belongs to no run.
    package func notify(_ userID: String, _ notice: Frame) {
        pubSub.publish([notice], to: Self.channel(ofUser: userID))
    }
}

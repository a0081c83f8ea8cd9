import Hummingbird
import SimpleStreamKit

extension API {
    var conversations: [Endpoint] {
        [
            Endpoint(
                .get, "/api/conversations", "The caller's conversations, newest activity first.",
                parameters: [.query("q", ["type": "string"], "Words to find in titles and texts.")]
                    + Endpoint.Parameter.page,
                answer: .list("Conversation")
            ) { request in
                let (cursor, limit) = try request.page()
                let page = try await chat.store.conversations(
                    of: request.user.id, matching: try request.query("q"), after: cursor, limit: limit)
                return .list(try await shown(page.items, to: request.user), nextCursor: page.nextCursor)
            },
            Endpoint(.get, "/api/conversations/{id}", "One conversation.", answer: .json("Conversation")) { request in
                let id = try request.path("id")
                guard let conversation = try await chat.store.conversation(id, of: request.user.id) else {
                    throw ChatError(.notFound, "There is no such conversation.")
                }
                return .json(try await shown(conversation, to: request.user))
            },
            Endpoint(
                .patch, "/api/conversations/{id}", "Changes the title or the branch that is shown.",
                body: .json("ConversationChange"), answer: .json("Conversation")
            ) { request in
                let fields = try await request.body()
                let conversation = try await chat.updateConversation(
                    try request.path("id"),
                    of: request.user.id,
                    title: try fields.string("title"),
                    activeLeafID: try fields.id("activeLeafId")
                )
                return .json(try await shown(conversation, to: request.user))
            },
            Endpoint(
                .delete, "/api/conversations/{id}", "Deletes a conversation with everything in it.", answer: .none
            ) { request in
                try await chat.deleteConversation(try request.path("id"), of: request.user.id)
                return .done
            },
            Endpoint(
                .get, "/api/conversations/{id}/messages", "All messages of a conversation, all branches, oldest first.",
                parameters: Endpoint.Parameter.page, answer: .list("Message")
            ) { request in
                let (cursor, limit) = try request.page(standard: 100)
                let page = try await messages(
                    in: try request.path("id"), of: request.user, after: cursor, limit: limit)
                return .list(try await shown(page.items, to: request.user), nextCursor: page.nextCursor)
            },
        ] + exports
    }

    var messages: [Endpoint] {
        [
            Endpoint(
                .patch, "/api/messages/{id}", "Says whether the caller likes an answer.", body: .json("Rating"),
                answer: .json("Message")
            ) { request in
                let fields = try await request.body()
                let message = try await chat.store.rateMessage(
                    try request.path("id"),
                    of: request.user.id,
                    liked: try fields.bool("liked"),
                    disliked: try fields.bool("disliked")
                )
                guard let message else { throw ChatError(.notFound, "There is no such message.") }
                return .json(try await shown([message], to: request.user).first ?? .null)
            }
        ]
    }

    /// A conversation as its owner sees it.
    func shown(_ conversation: Conversation, to user: User) async throws(ChatError) -> JSONValue {
        let shared = try await chat.store.sharedConversations(among: [conversation.id], of: user.id)
        return conversation.json(isShared: !shared.isEmpty)
    }

    private func shown(_ conversations: [Conversation], to user: User) async throws(ChatError) -> [JSONValue] {
        let shared = try await chat.store.sharedConversations(among: conversations.map(\.id), of: user.id)
        return conversations.map { $0.json(isShared: shared.contains($0.id)) }
    }

    /// A page of messages, which ends early when they are long: no page fills the memory.
    private func messages(
        in conversationID: String, of user: User, after cursor: String?, limit: Int
    ) async throws(ChatError) -> Page<Message> {
        var page = Page<Message>(items: [], nextCursor: cursor)
        var bytes = 0
        repeat {
            let more = try await chat.store.messages(
                in: conversationID, of: user.id, after: page.nextCursor, limit: min(16, limit - page.items.count))
            page.items += more.items
            page.nextCursor = more.nextCursor
            bytes += more.items.reduce(0) { $0 + $1.size }
        } while page.nextCursor != nil && page.items.count < limit && bytes < 4 << 20
        return page
    }

    /// Messages with their attachments, as clients see them.
    func shown(_ messages: [Message], to user: User) async throws(ChatError) -> [JSONValue] {
        let ids = messages.flatMap(\.attachmentIDs)
        var attachments: [String: Attachment] = [:]
        if !ids.isEmpty {
            for attachment in try await chat.store.attachments(ids, of: user.id) {
                attachments[attachment.id] = attachment
            }
        }
        return messages.map { message in
            message.json(attachments: message.attachmentIDs.compactMap { attachments[$0] })
        }
    }
}

import SimpleStreamKit

extension EmbeddedClient: HistoryClient {
    func conversations(matching query: String?, limit: Int) async throws -> [ConversationRecord] {
        var found: [ConversationRecord] = []
        var cursor: String?
        repeat {
            let page = try await chat.store.conversations(
                of: userID, matching: query, after: cursor, limit: min(limit - found.count, 200))
            found += page.items.map(ConversationRecord.init)
            cursor = page.nextCursor
        } while cursor != nil && found.count < limit
        return found
    }

    func conversation(_ id: String) async throws -> ConversationRecord {
        guard let conversation = try await chat.store.conversation(id, of: userID) else {
            throw ChatError(.notFound, "There is no such conversation: \(id).")
        }
        return ConversationRecord(conversation)
    }

    func messages(in conversationID: String) async throws -> [MessageRecord] {
        var messages: [MessageRecord] = []
        var cursor: String?
        repeat {
            let page = try await chat.store.messages(in: conversationID, of: userID, after: cursor, limit: 200)
            messages += page.items.map(MessageRecord.init)
            cursor = page.nextCursor
        } while cursor != nil
        return messages
    }
}

extension ConversationRecord {
    init(_ conversation: Conversation) {
        var json: JSONValue = [
            "id": .string(conversation.id), "title": .string(conversation.title),
            "createdAt": conversation.createdAt.json, "updatedAt": conversation.updatedAt.json,
        ]
        json["activeLeafId"] = conversation.activeLeafID.map(JSONValue.string)
        json["shared"] = false
        self.init(json: json)
    }
}

extension MessageRecord {
    init(_ message: Message) {
        var json: JSONValue = ["id": .string(message.id), "conversationId": .string(message.conversationID)]
        json["parentId"] = message.parentID.map(JSONValue.string)
        json["role"] = .string(message.role.rawValue)
        json["content"] = .string(message.content)
        json["thinkingText"] = message.thinkingText.map(JSONValue.string)
        json["thinkingDuration"] = message.thinkingDuration.map(JSONValue.integer)
        json["provider"] = message.provider.map(JSONValue.string)
        json["model"] = message.model.map(JSONValue.string)
        json["status"] = .string(message.status.rawValue)
        json["stopReason"] = message.stopReason.map { .string($0.rawValue) }
        json["error"] = message.failure.map { failure in
            [
                "code": .string(failure.code.rawValue), "message": .string(failure.message),
                "retryable": .bool(failure.retryable),
            ]
        }
        json["usage"] = message.usage?.json
        json["costMicroUSD"] = message.costMicroUSD.map(JSONValue.integer)
        json["attachments"] = .array(message.attachmentIDs.map(JSONValue.string))
        json["createdAt"] = message.createdAt.json
        self.init(json: json)
    }
}

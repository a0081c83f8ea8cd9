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
            let attachments = try await attachments(of: page.items)
            messages += page.items.map { MessageRecord($0, attachments: attachments) }
            cursor = page.nextCursor
        } while cursor != nil
        return messages
    }
}

extension EmbeddedClient {
    private func attachments(of messages: [Message]) async throws(ChatError) -> [String: Attachment] {
        let ids = messages.flatMap(\.attachmentIDs)
        guard !ids.isEmpty else { return [:] }
        let found = try await chat.store.attachments(ids, of: userID)
        return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    }
}

extension ConversationRecord {
    init(_ conversation: Conversation) {
        var json: JSONValue = [
            "id": .string(conversation.id), "title": .string(conversation.title),
            "createdAt": conversation.createdAt.json, "updatedAt": conversation.updatedAt.json,
        ]
        json["activeLeafId"] = conversation.activeLeafID.map(JSONValue.string) ?? .null
        json["shared"] = false
        self.init(json: json)
    }
}

extension MessageRecord {
    init(_ message: Message, attachments: [String: Attachment]) {
        var json: JSONValue = ["id": .string(message.id), "conversationId": .string(message.conversationID)]
        json["parentId"] = message.parentID.map(JSONValue.string) ?? .null
        json["role"] = .string(message.role.rawValue)
        json["content"] = .string(message.content)
        json["thinkingText"] = message.thinkingText.map(JSONValue.string)
        json["thinkingDuration"] = message.thinkingDuration.map(JSONValue.integer)
        json["provider"] = message.provider.map(JSONValue.string)
        json["model"] = message.model.map(JSONValue.string)
        json["status"] = .string(message.status.rawValue)
        json["stopReason"] = message.stopReason.map { .string($0.rawValue) }
        json["error"] = message.failure.map(\.json)
        json["usage"] = message.usage?.json
        json["costMicroUSD"] = message.costMicroUSD.map(JSONValue.integer)
        if message.role == .assistant {
            json["liked"] = .bool(message.isLiked)
            json["disliked"] = .bool(message.isDisliked)
            if !message.citations.isEmpty { json["citations"] = .array(message.citations.map(\.json)) }
            if !message.toolCalls.isEmpty { json["toolCalls"] = .array(message.toolCalls.map(\.json)) }
            json["seq"] = .integer(message.materializedSeq)
        }
        json["attachments"] = .array(message.attachmentIDs.compactMap { attachments[$0]?.json })
        json["createdAt"] = message.createdAt.json
        self.init(json: json)
    }
}

extension Message.Failure {
    fileprivate var json: JSONValue {
        ["code": .string(code.rawValue), "message": .string(message), "retryable": .bool(retryable)]
    }
}

extension ToolCall {
    /// As the protocol shows it.
    var json: JSONValue { ["id": .string(id), "name": .string(name), "arguments": .string(arguments)] }
}

extension Attachment {
    fileprivate var json: JSONValue {
        [
            "id": .string(id), "name": .string(name), "mime": .string(mime), "size": .integer(size),
            "createdAt": createdAt.json,
        ]
    }
}

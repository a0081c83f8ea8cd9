extension InMemoryStore {
    public func conversations(
        of userID: String, matching query: String?, after cursor: String?, limit: Int
    ) async throws(ChatError) -> Page<Conversation> {
        try PageCursor.check(limit: limit)
        let start: (updatedAt: Int64, id: String)? =
            if let cursor { try PageCursor.conversation(cursor) } else { nil }
        let phrases = query.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : SearchText.phrases($0) }
        return try transaction { state throws(ChatError) in
            var found = state.conversationIDs[userID, default: []].compactMap { state.conversations[$0] }
            if let phrases { found.removeAll { phrases.isEmpty || !state.matches($0, phrases) } }
            var items = found.map(\.conversation)
            if let start { items.removeAll { ($0.updatedAt.storedMilliseconds, $0.id) >= start } }
            items.sort { ($0.updatedAt, $0.id) > ($1.updatedAt, $1.id) }
            guard items.count > limit else { return Page(items: items) }
            items.removeSubrange(limit...)
            let next = items.last.map {
                PageCursor.conversation(updatedAt: $0.updatedAt.storedMilliseconds, id: $0.id).text
            }
            return Page(items: items, nextCursor: next)
        }
    }

    public func conversation(_ id: String, of userID: String) async throws(ChatError) -> Conversation? {
        try transaction { state throws(ChatError) in state.conversation(id, of: userID)?.conversation }
    }

    public func messages(
        in conversationID: String, of userID: String, after cursor: String?, limit: Int
    ) async throws(ChatError) -> Page<Message> {
        try PageCursor.check(limit: limit)
        let start: Int64 = if let cursor { try PageCursor.message(cursor) } else { 0 }
        return try transaction { state throws(ChatError) in
            guard let row = state.conversation(conversationID, of: userID) else {
                throw StoreError.notFound("conversation")
            }
            let later = row.messageIDs.drop { state.messages[$0].map { $0.ordinal <= start } ?? true }
            let found = later.prefix(limit + 1).compactMap { state.messages[$0] }
            let next = found.count > limit ? PageCursor.message(ordinal: found[limit - 1].ordinal).text : nil
            return Page(items: found.prefix(limit).map(\.message), nextCursor: next)
        }
    }

    public func branch(
        endingAt leafID: String, in conversationID: String, of userID: String, limit: Int
    ) async throws(ChatError) -> [Message] {
        try transaction { state throws(ChatError) in
            guard state.conversation(conversationID, of: userID) != nil,
                state.message(leafID, in: conversationID) != nil
            else { throw StoreError.notFound("message") }
            return state.path(to: leafID, limit: max(limit, 0))
        }
    }

    public func updateConversation(
        _ id: String, of userID: String, title: String?, activeLeafID: String?
    ) async throws(ChatError) -> Conversation? {
        try transaction { state throws(ChatError) in
            guard var row = state.conversation(id, of: userID) else { return nil }
            if let title {
                row.conversation.title = title.asStored
                row.titleWords = SearchWords(title)
            }
            if let activeLeafID {
                guard state.message(activeLeafID, in: id) != nil else { throw StoreError.notFound("message") }
                row.conversation.activeLeafID = activeLeafID
            }
            state.conversations[id] = row
            return row.conversation
        }
    }

    public func deleteConversation(_ id: String, of userID: String) async throws(ChatError) -> DeletedConversation? {
        try transaction { state throws(ChatError) in
            guard let row = state.conversation(id, of: userID) else { return nil }
            var deleted = DeletedConversation(attachmentIDs: [], runIDs: [])
            for messageID in row.messageIDs {
                guard let message = state.messages.removeValue(forKey: messageID) else { continue }
                deleted.attachmentIDs += message.message.attachmentIDs
                if state.streamingIDs.remove(messageID) != nil { deleted.runIDs.append(messageID) }
                if let requestID = message.run?.requestID {
                    state.messageIDsByRequest[.init(userID: userID, name: requestID)] = nil
                }
            }
            for attachmentID in deleted.attachmentIDs { state.attachments[attachmentID] = nil }
            state.conversations[id] = nil
            state.conversationIDs[userID]?.remove(id)
            state.accounts.shares[id] = nil
            return deleted
        }
    }

    public func rateMessage(
        _ id: String, of userID: String, liked: Bool?, disliked: Bool?
    ) async throws(ChatError) -> Message? {
        try transaction { state throws(ChatError) in
            guard var row = state.messages[id], row.userID == userID, row.message.role == .assistant else { return nil }
            if let liked { row.message.isLiked = liked }
            if let disliked { row.message.isDisliked = disliked }
            state.messages[id] = row
            return row.message
        }
    }
}

extension InMemoryState {
    fileprivate func matches(_ row: ConversationRow, _ phrases: [SearchText.Phrase]) -> Bool {
        row.titleWords.contains(phrases) || row.messageIDs.contains { messages[$0]?.words.contains(phrases) ?? false }
    }
}

import GRDB
public import SimpleStreamKit

extension SQLiteStore {
    public func conversations(
        of userID: String, matching query: String?, after cursor: String?, limit: Int
    ) async throws(ChatError) -> Page<Conversation> {
        try PageCursor.check(limit: limit)
        // Before everything: after a place that is later than all.
        var start: (updatedAt: Int64, id: String) = (.max, "")
        if let cursor { start = try PageCursor.conversation(cursor) }
        var match: String?
        if let query, !query.allSatisfy(\.isWhitespace) {
            let phrases = SearchText.phrases(query)
            if phrases.isEmpty { return Page(items: []) }
            match = SearchIndex.match(phrases, of: userID)
        }
        let filter = match == nil ? "" : "AND id IN (SELECT conversation_id FROM search WHERE search MATCH ?)"
        let sql = """
            SELECT \(Conversation.columns) FROM conversations
            WHERE user_id = ? AND (updated_at, id) < (?, ?) \(filter)
            ORDER BY updated_at DESC, id DESC LIMIT ?
            """
        var arguments: StatementArguments = [userID, start.updatedAt, start.id]
        if let match { arguments += [match] }
        arguments += [limit + 1]
        var items = try await read { [arguments] db in
            try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments).map(Conversation.init)
        }
        guard items.count > limit else { return Page(items: items) }
        items.removeSubrange(limit...)
        let next = items.last.map {
            PageCursor.conversation(updatedAt: $0.updatedAt.storedMilliseconds, id: $0.id).text
        }
        return Page(items: items, nextCursor: next)
    }

    public func conversation(_ id: String, of userID: String) async throws(ChatError) -> Conversation? {
        try await read { db in try db.conversation(id, of: userID) }
    }

    public func messages(
        in conversationID: String, of userID: String, after cursor: String?, limit: Int
    ) async throws(ChatError) -> Page<Message> {
        try PageCursor.check(limit: limit)
        let start: Int64 = if let cursor { try PageCursor.message(cursor) } else { 0 }
        let sql = """
            SELECT \(Message.columns), ordinal FROM messages
            WHERE conversation_id = ? AND user_id = ? AND ordinal > ? ORDER BY ordinal LIMIT ?
            """
        return try await read { db in
            guard try db.conversation(conversationID, of: userID) != nil else {
                throw StoreError.notFound("conversation")
            }
            let rows = try Row.fetchAll(
                db.cachedStatement(sql: sql), arguments: [conversationID, userID, start, limit + 1])
            let found = try rows.map { row in
                var columns = Columns(row)
                return (message: try Message(&columns), ordinal: try columns.next(Int64.self))
            }
            let next = found.count > limit ? PageCursor.message(ordinal: found[limit - 1].ordinal).text : nil
            return Page(items: found.prefix(limit).map(\.message), nextCursor: next)
        }
    }

    public func branch(
        endingAt leafID: String, in conversationID: String, of userID: String, limit: Int
    ) async throws(ChatError) -> [Message] {
        try await read { db in
            guard try db.messageRole(leafID, in: conversationID, of: userID) != nil else {
                throw StoreError.notFound("message")
            }
            return try db.branch(to: leafID, in: conversationID, limit: limit).messages
        }
    }

    public func updateConversation(
        _ id: String, of userID: String, title: String?, activeLeafID: String?
    ) async throws(ChatError) -> Conversation? {
        try await write { db in
            let find = "SELECT ordinal FROM conversations WHERE id = ? AND user_id = ?"
            guard let ordinal = try Int64.fetchOne(db, sql: find, arguments: [id, userID]) else { return nil }
            if let title {
                let title = title.asStored
                try db.execute(
                    sql: "UPDATE conversations SET title = ? WHERE ordinal = ?", arguments: [title, ordinal])
                try SearchIndex.setTitle(title, ofConversation: ordinal, id: id, userID: userID, db)
            }
            if let activeLeafID {
                guard try db.messageRole(activeLeafID, in: id, of: userID) != nil else {
                    throw StoreError.notFound("message")
                }
                try db.execute(
                    sql: "UPDATE conversations SET active_leaf_id = ? WHERE ordinal = ?",
                    arguments: [activeLeafID, ordinal])
            }
            return try db.conversation(id, of: userID)
        }
    }

    public func deleteConversation(_ id: String, of userID: String) async throws(ChatError) -> DeletedConversation? {
        try await write { db in
            let find = "SELECT ordinal FROM conversations WHERE id = ? AND user_id = ?"
            guard let ordinal = try Int64.fetchOne(db, sql: find, arguments: [id, userID]) else { return nil }
            var deleted = DeletedConversation(attachmentIDs: [], runIDs: [])
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT id, status, attachments FROM messages WHERE conversation_id = ? ORDER BY ordinal",
                arguments: [id])
            while let row = try rows.next() {
                var columns = Columns(row)
                let messageID: String = try columns.next()
                if try columns.value(Message.Status.self) == .streaming { deleted.runIDs.append(messageID) }
                deleted.attachmentIDs += try columns.json([String].self) ?? []
            }
            try SearchIndex.removeConversation(ordinal, id: id, db)
            try db.execute(sql: "DELETE FROM conversations WHERE ordinal = ?", arguments: [ordinal])
            return deleted
        }
    }

    public func rateMessage(
        _ id: String, of userID: String, liked: Bool?, disliked: Bool?
    ) async throws(ChatError) -> Message? {
        try await write { db in
            try Row.fetchOne(
                db,
                sql: """
                    UPDATE messages SET liked = coalesce(?, liked), disliked = coalesce(?, disliked)
                    WHERE id = ? AND user_id = ? AND role = 'assistant' RETURNING \(Message.columns)
                    """,
                arguments: [liked, disliked, id, userID]
            ).map(Message.init)
        }
    }
}

extension Database {
    func conversation(_ id: String, of userID: String) throws -> Conversation? {
        let sql = "SELECT \(Conversation.columns) FROM conversations WHERE id = ? AND user_id = ?"
        return try Row.fetchOne(cachedStatement(sql: sql), arguments: [id, userID]).map(Conversation.init)
    }

    /// Who speaks in a message; nil when it is not the user's or not in that conversation.
    func messageRole(_ id: String, in conversationID: String, of userID: String) throws -> String? {
        let sql = "SELECT role FROM messages WHERE id = ? AND conversation_id = ? AND user_id = ?"
        return try String.fetchOne(cachedStatement(sql: sql), arguments: [id, conversationID, userID])
    }

    /// The path from the root to a message, oldest first, at most the last `limit`.
    ///
    /// - Parameters:
    ///   - limit: how far it is followed, in messages.
    ///   - bytes: how many bytes are read, as ``RunStart/branchBytes``.
    func branch(
        to leafID: String, in conversationID: String, limit: Int = .max, bytes: Int = .max
    ) throws -> RunBranch {
        guard limit > 0 else { return RunBranch(messages: [], omitted: 0) }
        let size = ["content", "thinking_text", "citations", "tool_calls", "provider_state"]
            .map { "coalesce(length(CAST(\($0) AS BLOB)), 0)" }.joined(separator: " + ")
        let sql = """
            WITH RECURSIVE path (place, parent, depth, nearer, bytes) AS MATERIALIZED (
                SELECT ordinal, parent_id, 1, 0, \(size) FROM messages WHERE id = ? AND conversation_id = ?
                UNION ALL
                SELECT ordinal, parent_id, depth + 1, nearer + bytes, \(size)
                FROM path JOIN messages ON id = parent AND conversation_id = ?
                WHERE depth < ?
            )
            SELECT \(Message.columns), (SELECT count(*) FROM path) AS length
            FROM path JOIN messages ON ordinal = place WHERE nearer < ? ORDER BY depth DESC
            """
        let rows = try Row.fetchAll(
            cachedStatement(sql: sql), arguments: [leafID, conversationID, conversationID, limit, bytes])
        let length: Int = rows.first?["length"] ?? 0
        return RunBranch(messages: try rows.map(Message.init), omitted: length - rows.count)
    }
}

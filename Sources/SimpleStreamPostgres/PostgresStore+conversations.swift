public import SimpleStreamKit
import Synchronization

extension PostgresStore {
    public func conversations(
        of userID: String, matching query: String?, after cursor: String?, limit: Int
    ) async throws(ChatError) -> Page<Conversation> {
        try PageCursor.check(limit: limit)
        // Before everything: after a place that is later than all.
        var start: (updatedAt: Int64, id: String) = (.max, "")
        if let cursor { start = try PageCursor.conversation(cursor) }
        var filter = ""
        var parameters: [Parameter] = [.text(userID), .int(start.updatedAt), .text(start.id), .int(Int64(limit) + 1)]
        if let query, !query.allSatisfy(\.isWhitespace) {
            let queries = SearchWords.queries(SearchText.phrases(query))
            if queries.isEmpty { return Page(items: []) }
            filter = Self.searchFilter
            parameters += [.text(queries.joined(separator: " & ")), .texts(queries)]
        }
        let sql = """
            SELECT \(Conversation.columns) FROM conversations
            WHERE user_id = $1 AND (updated_at, id) < ($2, $3) \(filter)
            ORDER BY updated_at DESC, id DESC LIMIT $4
            """
        var items = try await database.read { [parameters] connection in
            try connection.one(sql, parameters).map { try Conversation(&$0) }
        }
        guard items.count > limit else { return Page(items: items) }
        items.removeSubrange(limit...)
        let next = items.last.map {
            PageCursor.conversation(updatedAt: $0.updatedAt.storedMilliseconds, id: $0.id).text
        }
        return Page(items: items, nextCursor: next)
    }

    /// A text that is kept whole holds all phrases in its one row, a long one in any of its parts.
    private static let searchFilter = """
        AND id IN (
            SELECT conversation_id FROM search
            WHERE user_id = $1 AND words @@ (ss_owner($1)::tsquery && $5::text::tsquery)
            UNION ALL
            SELECT conversation_id FROM search JOIN unnest($6::text[]) WITH ORDINALITY AS phrases(phrase, n)
                ON words @@ phrase::tsquery
            WHERE user_id = $1 AND text_id IN (SELECT text_id FROM search WHERE user_id = $1 AND part = 1)
            GROUP BY text_id, conversation_id HAVING count(DISTINCT n) = cardinality($6::text[])
        )
        """

    public func conversation(_ id: String, of userID: String) async throws(ChatError) -> Conversation? {
        try await database.read { connection in
            try connection.one(Self.conversationSQL, [.text(id), .text(userID)]).first { try Conversation(&$0) }
        }
    }

    private static let conversationSQL =
        "SELECT \(Conversation.columns) FROM conversations WHERE id = $1 AND user_id = $2"

    public func messages(
        in conversationID: String, of userID: String, after cursor: String?, limit: Int
    ) async throws(ChatError) -> Page<Message> {
        try PageCursor.check(limit: limit)
        let start: Int64 = if let cursor { try PageCursor.message(cursor) } else { 0 }
        let sql = """
            SELECT \(Message.columns), ordinal FROM messages
            WHERE conversation_id = $1 AND user_id = $2 AND ordinal > $3 ORDER BY ordinal LIMIT $4
            """
        return try await database.read { connection in
            let results = try connection.run(
                Statement(Self.conversationSQL, [.text(conversationID), .text(userID)]),
                Statement(sql, [.text(conversationID), .text(userID), .int(start), .int(Int64(limit) + 1)]))
            guard results.count == 2, results[0].rowCount > 0 else { throw StoreError.notFound("conversation") }
            let found = try results[1].map { (message: try Message(&$0), ordinal: Int64(try $0.int())) }
            let next = found.count > limit ? PageCursor.message(ordinal: found[limit - 1].ordinal).text : nil
            return Page(items: found.prefix(limit).map(\.message), nextCursor: next)
        }
    }

    public func branch(
        endingAt leafID: String, in conversationID: String, of userID: String, limit: Int
    ) async throws(ChatError) -> [Message] {
        let sql = """
            WITH RECURSIVE path (place, parent, depth) AS (
                SELECT ordinal, parent_id, 1::bigint FROM messages WHERE id = $1 AND conversation_id = $2 AND user_id = $3
                UNION ALL
                SELECT m.ordinal, m.parent_id, depth + 1
                FROM path JOIN messages AS m ON m.id = path.parent AND m.conversation_id = $2
                WHERE depth < $4
            )
            SELECT \(Message.columns) FROM path JOIN messages ON ordinal = place ORDER BY depth DESC
            """
        let path = try await database.read { connection in
            try connection.one(
                sql, [.text(leafID), .text(conversationID), .text(userID), .int(Int64(max(limit, 1)))]
            ).map { try Message(&$0) }
        }
        guard !path.isEmpty else { throw StoreError.notFound("message") }
        return limit > 0 ? path : []
    }

    public func updateConversation(
        _ id: String, of userID: String, title: String?, activeLeafID: String?
    ) async throws(ChatError) -> Conversation? {
        let title = title?.asStored
        let words = title.map { SearchWords.parts($0) } ?? []
        return try await database.write { connection, _ in
            let results = try connection.run(
                Statement(Self.conversationSQL + " FOR NO KEY UPDATE", [.text(id), .text(userID)]),
                Statement(
                    """
                    UPDATE conversations SET title = coalesce($3, title), active_leaf_id = coalesce($4, active_leaf_id)
                    WHERE id = $1 AND user_id = $2 AND ($4::text IS NULL OR EXISTS (
                        SELECT FROM messages WHERE id = $4 AND conversation_id = $1 AND user_id = $2
                    )) RETURNING \(Conversation.columns)
                    """, [.text(id), .text(userID), Parameter(title), Parameter(activeLeafID)]),
                // The title that is now stored is the one these words are of, or nothing was changed.
                Statement(Self.forgetTitle, [.text(id), .text(userID), Parameter(title)]),
                Statement(Self.indexTitle, [.text(id), .text(userID), Parameter(title), .texts(words)]))
            guard results.count == 4, results[0].rowCount > 0 else { return nil }
            guard let changed = try results[1].first({ try Conversation(&$0) }) else {
                throw StoreError.notFound("message")
            }
            return changed
        }
    }

    private static let forgetTitle = """
        DELETE FROM search WHERE text_id = (
            SELECT 2 * ordinal + 1 FROM conversations WHERE id = $1 AND user_id = $2 AND title = $3)
        """

    private static let indexTitle = """
        SELECT ss_index(2 * ordinal + 1, user_id, id, $4) FROM conversations
        WHERE id = $1 AND user_id = $2 AND title = $3
        """

    public func deleteConversation(_ id: String, of userID: String) async throws(ChatError) -> DeletedConversation? {
        let messages = Statement(
            "SELECT id, status, attachments FROM messages WHERE conversation_id = $1 AND user_id = $2 ORDER BY ordinal",
            [.text(id), .text(userID)])
        let lock = Statement(
            "SELECT FROM conversations WHERE id = $1 AND user_id = $2 FOR UPDATE", [.text(id), .text(userID)])
        let delete = Statement("DELETE FROM conversations WHERE id = $1 AND user_id = $2", [.text(id), .text(userID)])
        // What was there, for a connection that breaks between the deletion and its answer.
        let known = Mutex<DeletedConversation?>(nil)
        return try await database.write { connection, isInDoubt in
            if !isInDoubt {
                let found = try connection.run(lock, messages)
                let deleted = found.count == 2 && found[0].rowCount > 0 ? try DeletedConversation(found[1]) : nil
                known.withLock { $0 = deleted }
            }
            let results = try connection.run(lock, messages, delete)
            guard results.count == 3, results[2].changedRows > 0 else {
                return isInDoubt ? known.withLock { $0 } : nil
            }
            return try DeletedConversation(results[1])
        }
    }

    public func rateMessage(
        _ id: String, of userID: String, liked: Bool?, disliked: Bool?
    ) async throws(ChatError) -> Message? {
        let sql = """
            UPDATE messages SET liked = coalesce($3, liked), disliked = coalesce($4, disliked)
            WHERE id = $1 AND user_id = $2 AND role = 'assistant' RETURNING \(Message.columns)
            """
        return try await database.write { connection, _ in
            try connection.one(sql, [.text(id), .text(userID), Parameter(liked), Parameter(disliked)])
                .first { try Message(&$0) }
        }
    }
}

extension DeletedConversation {
    /// Of the messages that go.
    fileprivate init(_ messages: QueryResult) throws {
        self.init(attachmentIDs: [], runIDs: [])
        let rows = try messages.map {
            (id: try $0.text(), status: try $0.value(Message.Status.self), attachments: try $0.json([String].self))
        }
        for row in rows {
            if row.status == .streaming { runIDs.append(row.id) }
            attachmentIDs += row.attachments ?? []
        }
    }
}

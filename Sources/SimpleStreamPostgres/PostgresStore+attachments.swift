public import SimpleStreamKit

extension PostgresStore {
    public func saveAttachment(_ attachment: Attachment) async throws(ChatError) {
        let values: [Parameter] = [
            .text(attachment.id), .text(attachment.userID), .text(attachment.name), .text(attachment.mime),
            Parameter(attachment.size), .int(attachment.createdAt.storedMilliseconds),
        ]
        let sql = """
            INSERT INTO attachments (id, user_id, name, mime, size, created_at)
            SELECT $1, $2, $3, $4, $5, $6
            WHERE NOT ($7 AND EXISTS (SELECT FROM attachments WHERE id = $1 AND user_id = $2))
            """
        try await database.write { connection, isInDoubt in
            _ = try connection.one(sql, values + [.bool(isInDoubt)])
        }
    }

    public func attachments(_ ids: [String], of userID: String) async throws(ChatError) -> [Attachment] {
        guard !ids.isEmpty else { return [] }
        let sql = """
            SELECT id, user_id, name, mime, size, created_at
            FROM unnest($1::text[]) WITH ORDINALITY AS asked(id, n) JOIN attachments USING (id)
            WHERE user_id = $2 ORDER BY n
            """
        return try await database.read { connection in
            try connection.one(sql, [.texts(ids), .text(userID)]).map { try Attachment(&$0) }
        }
    }

    public func attachments(
        of userID: String, after id: String?, limit: Int
    ) async throws(ChatError) -> [Attachment] {
        try PageCursor.check(limit: limit)
        let sql = """
            SELECT id, user_id, name, mime, size, created_at FROM attachments
            WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3
            """
        return try await database.read { connection in
            try connection.one(sql, [.text(userID), .text(id ?? ""), .int(Int64(limit))]).map { try Attachment(&$0) }
        }
    }

    public func deleteAttachment(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try await database.write { connection, isInDoubt in
            let results = try connection.run(
                Statement(
                    "DELETE FROM attachments WHERE id = $1 AND user_id = $2 AND message_id IS NULL",
                    [.text(id), .text(userID)]),
                Statement("SELECT FROM attachments WHERE id = $1", [.text(id)]))
            guard results.count == 2 else { throw UnknownValue() }
            return results[0].changedRows > 0 || (isInDoubt && results[1].rowCount == 0)
        }
    }
}

extension Attachment {
    fileprivate init(_ columns: inout Columns) throws {
        self.init(
            id: try columns.text(),
            userID: try columns.text(),
            name: try columns.text(),
            mime: try columns.text(),
            size: try columns.int(),
            createdAt: try columns.date()
        )
    }
}

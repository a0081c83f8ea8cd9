import GRDB
public import SimpleStreamKit

extension SQLiteStore {
    public func saveAttachment(_ attachment: Attachment, limit: Int?) async throws(ChatError) {
        try await write { db in
            if let limit, attachment.countedSize > limit - (try db.storedBytes(of: attachment.userID)) {
                throw StoreError.full(limit: limit)
            }
            try db.execute(
                sql: "INSERT INTO attachments (\(Attachment.columns)) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    attachment.id, attachment.userID, attachment.name, attachment.mime, attachment.size,
                    attachment.createdAt.storedMilliseconds,
                ])
        }
    }

    public func storedBytes(of userID: String) async throws(ChatError) -> Int {
        try await read { db in try db.storedBytes(of: userID) }
    }

    public func attachments(_ ids: [String], of userID: String) async throws(ChatError) -> [Attachment] {
        guard !ids.isEmpty else { return [] }
        let sql = "SELECT \(Attachment.columns) FROM attachments WHERE id = ? AND user_id = ?"
        return try await read { db in
            let statement = try db.cachedStatement(sql: sql)
            return try ids.compactMap { id in
                try Row.fetchOne(statement, arguments: [id, userID]).map(Attachment.init)
            }
        }
    }

    public func attachments(
        of userID: String, after id: String?, limit: Int
    ) async throws(ChatError) -> [Attachment] {
        try PageCursor.check(limit: limit)
        let sql = """
            SELECT \(Attachment.columns) FROM attachments
            WHERE user_id = ? AND id > ? ORDER BY id LIMIT ?
            """
        return try await read { db in
            try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [userID, id ?? "", limit]).map(Attachment.init)
        }
    }

    public func deleteAttachment(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try await write { db in
            try db.execute(
                sql: "DELETE FROM attachments WHERE id = ? AND user_id = ? AND message_id IS NULL",
                arguments: [id, userID])
            return db.changesCount > 0
        }
    }

    public func deleteUnsentAttachments(olderThan age: Duration, limit: Int) async throws(ChatError) -> [String] {
        let end = now - age.storedMilliseconds
        let find = "SELECT id FROM attachments WHERE message_id IS NULL AND created_at <= ? ORDER BY created_at LIMIT ?"
        return try await write { db in
            let ids = try String.fetchAll(db, sql: find, arguments: [end, max(limit, 0)])
            let statement = try db.cachedStatement(sql: "DELETE FROM attachments WHERE id = ?")
            for id in ids { try statement.execute(arguments: [id]) }
            return ids
        }
    }
}

extension Database {
    fileprivate func storedBytes(of userID: String) throws -> Int {
        let sql = "SELECT coalesce(sum(max(?, min(size, ?))), 0) FROM attachments WHERE user_id = ?"
        let bounds = Attachment.countedSizes
        return try Int.fetchOne(
            cachedStatement(sql: sql), arguments: [bounds.lowerBound, bounds.upperBound, userID]) ?? 0
    }

    /// Those of the ids, once each, that are the user's and on no message other than `messageID`.
    func bindableAttachments(_ ids: [String], of userID: String, to messageID: String) throws -> [String] {
        guard !ids.isEmpty else { return [] }
        let sql = "SELECT 1 FROM attachments WHERE id = ? AND user_id = ? AND coalesce(message_id, ?) = ?"
        let statement = try cachedStatement(sql: sql)
        var seen: Set<String> = []
        return try ids.filter { id in
            try Int.fetchOne(statement, arguments: [id, userID, messageID, messageID]) != nil
                && seen.insert(id).inserted
        }
    }

    func bindAttachments(_ ids: [String], to messageID: String) throws {
        for id in ids {
            try cachedStatement(sql: "UPDATE attachments SET message_id = ? WHERE id = ?")
                .execute(arguments: [messageID, id])
        }
    }
}

extension Attachment {
    fileprivate init(_ row: Row) throws {
        var columns = Columns(row)
        self.init(
            id: try columns.next(),
            userID: try columns.next(),
            name: try columns.next(),
            mime: try columns.next(),
            size: try columns.next(),
            createdAt: try columns.date()
        )
    }
}

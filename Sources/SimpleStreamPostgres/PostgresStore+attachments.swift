public import SimpleStreamKit
import Synchronization

extension PostgresStore {
    public func saveAttachment(_ attachment: Attachment, limit: Int?) async throws(ChatError) {
        let values: [Parameter] = [
            .text(attachment.id), .text(attachment.userID), .text(attachment.name), .text(attachment.mime),
            Parameter(attachment.size), .int(attachment.createdAt.storedMilliseconds),
        ]
        let save = """
            INSERT INTO attachments (\(Attachment.columns))
            SELECT $1, $2, $3, $4, $5, $6
            WHERE NOT ($7 AND EXISTS (SELECT FROM attachments WHERE id = $1 AND user_id = $2))
                AND ($8::bigint IS NULL OR ss_stored_bytes($2, $9, $10) <= $8::bigint - $11::bigint)
            """
        let room = [Parameter(limit)] + Self.countedSizes + [Parameter(attachment.countedSize)]
        try await database.write { connection, isInDoubt in
            let results = try connection.run(
                // One file of a user is saved at a time, so that what is counted does not change.
                Statement("SELECT pg_advisory_xact_lock(hashtextextended($1, 4))", [.text(attachment.userID)]),
                Statement(save, values + [.bool(isInDoubt)] + room),
                Statement(
                    "SELECT FROM attachments WHERE id = $1 AND user_id = $2",
                    [.text(attachment.id), .text(attachment.userID)]))
            guard results.count == 3 else { throw UnknownValue() }
            let isSaved = results[1].changedRows > 0 || (isInDoubt && results[2].rowCount > 0)
            guard isSaved else { throw StoreError.full(limit: limit ?? 0) }
        }
    }

    public func storedBytes(of userID: String) async throws(ChatError) -> Int {
        try await database.read { connection in
            try connection.one("SELECT ss_stored_bytes($1, $2, $3)", [.text(userID)] + Self.countedSizes)
                .first { try $0.int() } ?? 0
        }
    }

    private static let countedSizes = [
        Parameter(Attachment.countedSizes.lowerBound), Parameter(Attachment.countedSizes.upperBound),
    ]

    public func attachments(_ ids: [String], of userID: String) async throws(ChatError) -> [Attachment] {
        guard !ids.isEmpty else { return [] }
        let sql = """
            SELECT \(Attachment.columns)
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
            SELECT \(Attachment.columns) FROM attachments
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

    public func deleteUnsentAttachments(olderThan age: Duration, limit: Int) async throws(ChatError) -> [String] {
        // Whoever is sending one of them holds its lock; it is no matter for now.
        let find = """
            SELECT id FROM attachments
            WHERE message_id IS NULL AND created_at <= (SELECT ss_now($1) - $2)
            ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED
            """
        let values = [now, .int(age.storedMilliseconds), Parameter(max(limit, 0))]
        // All that were to go, for a connection that breaks between the deletion and its answer.
        let known = Mutex<Set<String>>([])
        return try await database.write { connection, _ in
            try connection.transaction {
                let found = try connection.one(find, values).map { try $0.text() }
                let ids = known.withLock { known in
                    known.formUnion(found)
                    return Array(known)
                }
                let results = try connection.run(
                    Statement("DELETE FROM attachments WHERE id = ANY ($1::text[])", [.texts(found)]),
                    Statement("SELECT id FROM attachments WHERE id = ANY ($1::text[])", [.texts(ids)]))
                guard results.count == 2 else { throw UnknownValue() }
                let left = Set(try results[1].map { try $0.text() })
                return ids.filter { !left.contains($0) }
            }
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

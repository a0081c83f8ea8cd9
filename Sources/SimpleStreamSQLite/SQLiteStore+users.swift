import GRDB
public import SimpleStreamKit

extension SQLiteStore {
    public func addUser(_ user: UserAccount) async throws(ChatError) {
        try await write { db in try db.insert(user) }
    }

    public func user(_ id: String) async throws(ChatError) -> UserAccount? {
        try await read { db in try db.user(id) }
    }

    public func signIn(_ identity: Identity, as user: UserAccount) async throws(ChatError) -> UserAccount {
        let now = self.now
        return try await write { db in
            let find = "SELECT user_id FROM identities WHERE issuer = ? AND subject = ?"
            let found = try String.fetchOne(db, sql: find, arguments: [identity.issuer, identity.subject])
            if let found, let known = try db.user(found) {
                let updated = known.updated(from: user.stored)
                try db.execute(
                    sql: "UPDATE users SET kind = ?, name = ?, email = ?, avatar_url = ? WHERE id = ?",
                    arguments: [updated.kind.rawValue, updated.name, updated.email, updated.avatarURL, found])
                return updated
            }
            try db.insert(user)
            try db.execute(
                sql: "INSERT INTO identities (issuer, subject, user_id) VALUES (?, ?, ?)",
                arguments: [identity.issuer, identity.subject, user.id])
            try db.moveQuotas(of: identity.formerScope, to: "user:\(user.id)", at: now)
            return user.stored
        }
    }

    public func identities(of userID: String) async throws(ChatError) -> [Identity] {
        try await read { db in try db.identities(of: userID) }
    }

    public func mergeGuest(
        _ guestID: String, into userID: String, keys: [StoredKey]
    ) async throws(ChatError) -> Bool {
        try await write { db in
            guard guestID != userID, try db.user(guestID)?.kind == .guest, try db.user(userID) != nil else {
                return false
            }
            try db.moveKeys(of: guestID, to: userID, keys)
            try SearchIndex.moveEverything(of: guestID, to: userID, db)
            for sql in Self.moves { try db.execute(sql: sql, arguments: ["to": userID, "from": guestID]) }
            try db.execute(sql: "DELETE FROM settings WHERE user_id = ?", arguments: [guestID])
            try db.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [guestID])
            return true
        }
    }

    private static let moves = [
        "UPDATE conversations SET user_id = :to WHERE user_id = :from",
        "UPDATE messages SET user_id = :to, request_id = NULL WHERE user_id = :from",
        "UPDATE attachments SET user_id = :to WHERE user_id = :from",
        "UPDATE usage SET user_id = :to WHERE user_id = :from",
        "UPDATE key_uses SET user_id = :to WHERE user_id = :from",
        "UPDATE OR IGNORE settings SET user_id = :to WHERE user_id = :from",
        "UPDATE shares SET user_id = :to WHERE user_id = :from",
        "UPDATE audit SET user_id = :to WHERE user_id = :from",
    ]

    public func deleteUser(_ id: String) async throws(ChatError) -> DeletedUser? {
        let now = self.now
        return try await write { db in
            guard try db.user(id) != nil else { return nil }
            let deleted = DeletedUser(
                attachmentIDs: try String.fetchAll(
                    db, sql: "SELECT id FROM attachments WHERE user_id = ? ORDER BY id", arguments: [id]),
                runIDs: try String.fetchAll(
                    db, sql: "SELECT id FROM messages WHERE user_id = ? AND status = 'streaming' ORDER BY id",
                    arguments: [id])
            )
            try SearchIndex.removeEverything(of: id, db)
            try db.moveQuotas(of: "user:\(id)", to: try db.identities(of: id).first?.formerScope, at: now)
            for sql in Self.removals { try db.execute(sql: sql, arguments: [id]) }
            return deleted
        }
    }

    /// Messages and shares go with their conversations, what lets users in with them.
    private static let removals = [
        "DELETE FROM conversations WHERE user_id = ?",
        "DELETE FROM attachments WHERE user_id = ?",
        "DELETE FROM user_keys WHERE user_id = ?",
        "DELETE FROM usage WHERE user_id = ?",
        "DELETE FROM key_uses WHERE user_id = ?",
        "DELETE FROM settings WHERE user_id = ?",
        "DELETE FROM audit WHERE user_id = ?",
        "DELETE FROM users WHERE id = ?",
    ]
}

extension Database {
    fileprivate func user(_ id: String) throws -> UserAccount? {
        let sql = "SELECT \(UserAccount.columns) FROM users WHERE id = ?"
        return try Row.fetchOne(cachedStatement(sql: sql), arguments: [id]).map(UserAccount.init)
    }

    fileprivate func identities(of userID: String) throws -> [Identity] {
        let sql = "SELECT issuer, subject FROM identities WHERE user_id = ? ORDER BY issuer, subject"
        return try Row.fetchAll(cachedStatement(sql: sql), arguments: [userID]).map { row in
            var columns = Columns(row)
            return Identity(issuer: try columns.next(), subject: try columns.next())
        }
    }

    fileprivate func insert(_ user: UserAccount) throws {
        let user = user.stored
        try execute(
            sql: "INSERT INTO users (\(UserAccount.columns)) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                user.id, user.kind.rawValue, user.name, user.email, user.avatarURL, user.createdAt.storedMilliseconds,
            ])
    }

    /// Deletes a guest's keys and saves those of them that were sealed for the user and that the user lacks.
    fileprivate func moveKeys(of guestID: String, to userID: String, _ keys: [StoredKey]) throws {
        let find = "SELECT provider FROM user_keys WHERE user_id = ?"
        let theirs = try Set(String.fetchAll(self, sql: find, arguments: [guestID]))
        let taken = try Set(String.fetchAll(self, sql: find, arguments: [userID]))
        try execute(sql: "DELETE FROM user_keys WHERE user_id = ?", arguments: [guestID])
        for key in keys where key.userID == userID && theirs.contains(key.provider) && !taken.contains(key.provider) {
            try save(key)
        }
    }
}

extension UserAccount {
    init(_ row: Row) throws {
        var columns = Columns(row)
        try self.init(&columns)
    }

    init(_ columns: inout Columns) throws {
        self.init(
            id: try columns.next(),
            kind: Kind(rawValue: try columns.next()),
            name: try columns.next(),
            email: try columns.optional(),
            avatarURL: try columns.optional(),
            createdAt: try columns.date()
        )
    }
}

import GRDB
public import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteStore {
    public func addSignInAttempt(_ attempt: SignInAttempt) async throws(ChatError) {
        try await write { db in
            try db.execute(
                sql: "INSERT INTO sign_in_attempts (\(SignInAttempt.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    attempt.stateHash, attempt.browserHash, attempt.provider, attempt.verifier, attempt.nonce,
                    attempt.returnPath, attempt.expiresAt.storedMilliseconds,
                ])
        }
    }

    public func takeSignInAttempt(withHash stateHash: String) async throws(ChatError) -> SignInAttempt? {
        let now = self.now
        let sql = "DELETE FROM sign_in_attempts WHERE state_hash = ? RETURNING \(SignInAttempt.columns)"
        let attempt = try await write { db in
            try Row.fetchOne(db, sql: sql, arguments: [stateHash]).map(SignInAttempt.init)
        }
        guard let attempt, attempt.expiresAt.storedMilliseconds > now else { return nil }
        return attempt
    }

    public func addDeviceLogin(_ login: DeviceLogin) async throws(ChatError) -> Bool {
        try await write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO device_logins (\(DeviceLogin.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    login.deviceHash, login.userCodeHash, login.clientName.asStored, login.scopes.text, login.userID,
                    login.createdAt.storedMilliseconds, login.expiresAt.storedMilliseconds,
                ])
            return db.changesCount > 0
        }
    }

    public func deviceLogin(withUserCodeHash userCodeHash: String) async throws(ChatError) -> DeviceLogin? {
        let now = self.now
        let sql = """
            SELECT \(DeviceLogin.columns) FROM device_logins
            WHERE user_code_hash = ? AND user_id IS NULL AND expires_at > ?
            """
        return try await read { db in
            try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [userCodeHash, now]).map(DeviceLogin.init)
        }
    }

    public func decideDeviceLogin(
        withUserCodeHash userCodeHash: String, for userID: String?
    ) async throws(ChatError) -> Bool {
        let now = self.now
        return try await write { db in
            let condition = "WHERE user_code_hash = ? AND user_id IS NULL AND expires_at > ?"
            if let userID {
                try db.execute(
                    sql: "UPDATE device_logins SET user_id = ? \(condition)", arguments: [userID, userCodeHash, now])
            } else {
                try db.execute(sql: "DELETE FROM device_logins \(condition)", arguments: [userCodeHash, now])
            }
            return db.changesCount > 0
        }
    }

    public func takeDeviceLogin(withHash deviceHash: String) async throws(ChatError) -> DeviceLogin? {
        let now = self.now
        let sql = "SELECT \(DeviceLogin.columns) FROM device_logins WHERE device_hash = ? AND expires_at > ?"
        return try await write { db in
            let login = try Row.fetchOne(db, sql: sql, arguments: [deviceHash, now]).map(DeviceLogin.init)
            if login?.userID != nil {
                try db.execute(sql: "DELETE FROM device_logins WHERE device_hash = ?", arguments: [deviceHash])
            }
            return login
        }
    }

    public func deleteExpiredSignIns() async throws(ChatError) -> [String] {
        let now = self.now
        return try await write { db in
            try db.execute(
                sql: "DELETE FROM quota_use WHERE key > 'former:' AND key < 'former;' AND ends_at <= ?",
                arguments: [now])
            try db.execute(sql: "DELETE FROM sign_in_attempts WHERE expires_at <= ?", arguments: [now])
            try db.execute(sql: "DELETE FROM device_logins WHERE expires_at <= ?", arguments: [now])
            try db.execute(sql: "DELETE FROM sessions WHERE min(expires_at, ends_at) <= ?", arguments: [now])
            return try String.fetchAll(
                db,
                sql: """
                    SELECT id FROM users
                    WHERE kind = 'guest' AND created_at <= ?
                        AND NOT EXISTS (SELECT 1 FROM sessions WHERE user_id = users.id)
                    ORDER BY id LIMIT 100
                    """,
                arguments: [now - 3_600_000])
        }
    }

    // MARK: Audit

    public func recordAudit(_ entry: AuditEntry) async throws(ChatError) {
        try await write { db in
            let detail = entry.detail.isEmpty ? nil : try column(entry.detail.mapValues(\.asStored))
            try db.execute(
                sql: "INSERT INTO audit (\(AuditEntry.columns)) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    entry.id, entry.userID, entry.action.rawValue, detail, entry.address,
                    entry.createdAt.storedMilliseconds,
                ])
        }
    }

    public func auditEntries(
        of userID: String, before id: String?, limit: Int
    ) async throws(ChatError) -> [AuditEntry] {
        try PageCursor.check(limit: limit)
        let sql = """
            SELECT \(AuditEntry.columns) FROM audit
            WHERE user_id = ? AND (? IS NULL OR id < ?) ORDER BY id DESC LIMIT ?
            """
        return try await read { db in
            try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [userID, id, id, limit]).map { row in
                var columns = Columns(row)
                return AuditEntry(
                    id: try columns.next(String.self),
                    userID: try columns.next(),
                    action: AuditEntry.Action(rawValue: try columns.next()),
                    detail: try columns.json([String: String].self) ?? [:],
                    address: try columns.optional(),
                    createdAt: try columns.date()
                )
            }
        }
    }

    // MARK: Shares

    public func saveShare(_ share: SharedConversation) async throws(ChatError) -> Bool {
        try await write { db in
            guard try db.conversation(share.conversationID, of: share.userID) != nil else { return false }
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO shares (conversation_id, token_hash, user_id, created_at, snapshot)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [
                    share.conversationID, share.tokenHash, share.userID, share.createdAt.storedMilliseconds,
                    share.snapshot,
                ])
            return true
        }
    }

    public func share(withHash tokenHash: String) async throws(ChatError) -> SharedConversation? {
        let sql = "SELECT token_hash, conversation_id, user_id, snapshot, created_at FROM shares WHERE token_hash = ?"
        return try await read { db in
            try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [tokenHash]).map { row in
                var columns = Columns(row)
                return SharedConversation(
                    tokenHash: try columns.next(),
                    conversationID: try columns.next(),
                    userID: try columns.next(),
                    snapshot: try columns.next(),
                    createdAt: try columns.date()
                )
            }
        }
    }

    public func deleteShare(ofConversation id: String, of userID: String) async throws(ChatError) -> Bool {
        try await write { db in
            try db.execute(
                sql: "DELETE FROM shares WHERE conversation_id = ? AND user_id = ?", arguments: [id, userID])
            return db.changesCount > 0
        }
    }

    public func sharedConversations(
        among ids: [String], of userID: String
    ) async throws(ChatError) -> Set<String> {
        let sql = "SELECT conversation_id FROM shares WHERE conversation_id = ? AND user_id = ?"
        return try await read { db in
            let statement = try db.cachedStatement(sql: sql)
            return Set(try ids.compactMap { try String.fetchOne(statement, arguments: [$0, userID]) })
        }
    }
}

extension SignInAttempt {
    fileprivate init(_ row: Row) throws {
        var columns = Columns(row)
        self.init(
            stateHash: try columns.next(),
            browserHash: try columns.next(),
            provider: try columns.next(),
            verifier: try columns.next(),
            nonce: try columns.next(),
            returnPath: try columns.next(),
            expiresAt: try columns.date()
        )
    }
}

extension DeviceLogin {
    fileprivate init(_ row: Row) throws {
        var columns = Columns(row)
        let deviceHash: String = try columns.next()
        let userCodeHash: String = try columns.next()
        let clientName: String = try columns.next()
        let scopes = Set(text: try columns.next(String.self))
        let userID: String? = try columns.optional()
        self.init(
            deviceHash: deviceHash, userCodeHash: userCodeHash, clientName: clientName, scopes: scopes,
            createdAt: try columns.date(), expiresAt: try columns.date(), userID: userID)
    }
}

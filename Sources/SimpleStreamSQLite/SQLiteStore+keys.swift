import GRDB
public import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteStore {
    public func keys(of userID: String) async throws(ChatError) -> [StoredKey] {
        let sql = "SELECT \(StoredKey.columns) FROM user_keys WHERE user_id = ? ORDER BY provider"
        return try await read { db in
            try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [userID]).map(StoredKey.init)
        }
    }

    public func key(for provider: String, of userID: String) async throws(ChatError) -> StoredKey? {
        let sql = "SELECT \(StoredKey.columns) FROM user_keys WHERE user_id = ? AND provider = ?"
        return try await read { db in
            try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [userID, provider]).map(StoredKey.init)
        }
    }

    public func saveKey(_ key: StoredKey) async throws(ChatError) {
        try await write { db in try db.save(key) }
    }

    public func deleteKey(for provider: String, of userID: String) async throws(ChatError) -> Bool {
        try await write { db in
            let sql = "DELETE FROM user_keys WHERE user_id = ? AND provider = ? RETURNING is_default"
            guard let wasDefault = try Bool.fetchOne(db, sql: sql, arguments: [userID, provider]) else { return false }
            if wasDefault {
                try db.execute(
                    sql: """
                        UPDATE user_keys SET is_default = 1
                        WHERE user_id = ? AND provider = (SELECT min(provider) FROM user_keys WHERE user_id = ?)
                        """,
                    arguments: [userID, userID])
            }
            return true
        }
    }

    public func keyUses(of userID: String, provider: String?, limit: Int) async throws(ChatError) -> [KeyUse] {
        let sql = """
            SELECT user_id, provider, fingerprint, message_id, used_at FROM key_uses
            WHERE user_id = ? AND provider = coalesce(?, provider) ORDER BY ordinal DESC LIMIT ?
            """
        return try await read { db in
            try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [userID, provider, max(limit, 0)]).map { row in
                var columns = Columns(row)
                return KeyUse(
                    userID: try columns.next(),
                    provider: try columns.next(),
                    fingerprint: try columns.optional(),
                    messageID: try columns.next(),
                    usedAt: try columns.date()
                )
            }
        }
    }

    // MARK: Settings

    public func document(_ name: String, of userID: String) async throws(ChatError) -> String? {
        try await read { db in
            try String.fetchOne(
                db, sql: "SELECT json FROM settings WHERE user_id = ? AND name = ?", arguments: [userID, name])
        }
    }

    public func saveDocument(_ name: String, _ json: String, of userID: String) async throws(ChatError) {
        try StoreError.check(document: json)
        try await write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO settings (user_id, name, json) VALUES (?, ?, ?)",
                arguments: [userID, name, json])
        }
    }
}

extension Database {
    /// Saves a key; a user's first one is their default.
    func save(_ key: StoredKey) throws {
        let others = try Bool.fetchAll(
            self, sql: "SELECT is_default FROM user_keys WHERE user_id = ? AND provider <> ?",
            arguments: [key.userID, key.provider])
        if key.isDefault {
            try execute(sql: "UPDATE user_keys SET is_default = 0 WHERE user_id = ?", arguments: [key.userID])
        }
        let sql = """
            INSERT OR REPLACE INTO user_keys (\(StoredKey.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        try execute(
            sql: sql,
            arguments: [key.userID, key.provider, key.label, key.lastFour] + key.box.arguments + [
                key.baseURL, key.verdict.code.rawValue, key.verdict.message, key.checkedAt.storedMilliseconds,
                key.createdAt.storedMilliseconds, key.fingerprint, key.isDefault || !others.contains(true),
            ])
    }
}

extension StoredKey {
    init(_ row: Row) throws {
        var columns = Columns(row)
        self.init(
            userID: try columns.next(),
            provider: try columns.next(),
            label: try columns.next(),
            lastFour: try columns.next(),
            box: try SealedBox(&columns),
            baseURL: try columns.optional(),
            verdict: KeyVerdict(.init(rawValue: try columns.next()), try columns.next()),
            checkedAt: try columns.date(),
            createdAt: try columns.date(),
            fingerprint: try columns.optional(),
            isDefault: try columns.next()
        )
    }
}

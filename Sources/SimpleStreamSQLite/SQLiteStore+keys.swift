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
        let sql = """
            INSERT OR REPLACE INTO user_keys (\(StoredKey.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        try await write { db in
            try db.execute(
                sql: sql,
                arguments: [
                    key.userID, key.provider, key.label, key.lastFour, key.box.keyID, Data(key.box.nonce),
                    Data(key.box.ciphertext), Data(key.box.tag), key.baseURL, key.verdict.code.rawValue,
                    key.verdict.message, key.checkedAt.storedMilliseconds, key.createdAt.storedMilliseconds,
                ])
        }
    }

    public func deleteKey(for provider: String, of userID: String) async throws(ChatError) -> Bool {
        try await write { db in
            try db.execute(
                sql: "DELETE FROM user_keys WHERE user_id = ? AND provider = ?", arguments: [userID, provider])
            return db.changesCount > 0
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

extension StoredKey {
    fileprivate static let columns = """
        user_id, provider, label, last_four, key_id, nonce, ciphertext, tag, base_url, verdict, verdict_message, \
        checked_at, created_at
        """

    fileprivate init(_ row: Row) throws {
        var columns = Columns(row)
        self.init(
            userID: try columns.next(),
            provider: try columns.next(),
            label: try columns.next(),
            lastFour: try columns.next(),
            box: SealedBox(
                keyID: try columns.next(),
                nonce: [UInt8](try columns.next(Data.self)),
                ciphertext: [UInt8](try columns.next(Data.self)),
                tag: [UInt8](try columns.next(Data.self))
            ),
            baseURL: try columns.optional(),
            verdict: KeyVerdict(.init(rawValue: try columns.next()), try columns.next()),
            checkedAt: try columns.date(),
            createdAt: try columns.date()
        )
    }
}

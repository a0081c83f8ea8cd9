import GRDB
public import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteStore {
    public func sealedKeys(after last: StoredKey?, limit: Int) async throws(ChatError) -> [StoredKey] {
        guard limit > 0 else { return [] }
        let sql = """
            SELECT \(StoredKey.columns) FROM user_keys WHERE (user_id, provider) > (?, ?)
            ORDER BY user_id, provider LIMIT ?
            """
        return try await read { db in
            // No id is empty, so that every key comes after two empty texts.
            try Row.fetchAll(
                db.cachedStatement(sql: sql), arguments: [last?.userID ?? "", last?.provider ?? "", limit]
            ).map(StoredKey.init)
        }
    }

    public func resealKey(_ key: StoredKey, as box: SealedBox, fingerprint: String?) async throws(ChatError) -> Bool {
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE user_keys SET key_id = ?, nonce = ?, ciphertext = ?, tag = ?, fingerprint = ?
                    WHERE user_id = ? AND provider = ?
                        AND key_id = ? AND nonce = ? AND ciphertext = ? AND tag = ?
                    """,
                arguments: box.arguments + [fingerprint, key.userID, key.provider] + key.box.arguments)
            return db.changesCount > 0
        }
    }

    public func canary(orSave box: SealedBox?) async throws(ChatError) -> SealedBox? {
        try await write { db in
            if let box {
                try db.execute(
                    sql: """
                        INSERT INTO vault_canary (id, key_id, nonce, ciphertext, tag) VALUES (1, ?, ?, ?, ?)
                        ON CONFLICT (id) DO NOTHING
                        """,
                    arguments: box.arguments)
            }
            let sql = "SELECT key_id, nonce, ciphertext, tag FROM vault_canary"
            guard let row = try Row.fetchOne(db, sql: sql) else { return nil }
            var columns = Columns(row)
            return try SealedBox(&columns)
        }
    }

    public func replaceCanary(_ old: SealedBox, with box: SealedBox) async throws(ChatError) -> Bool {
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE vault_canary SET key_id = ?, nonce = ?, ciphertext = ?, tag = ?
                    WHERE key_id = ? AND nonce = ? AND ciphertext = ? AND tag = ?
                    """,
                arguments: box.arguments + old.arguments)
            return db.changesCount > 0
        }
    }
}

extension SealedBox {
    var arguments: StatementArguments { [keyID, Data(nonce), Data(ciphertext), Data(tag)] }

    init(_ columns: inout Columns) throws {
        self.init(
            keyID: try columns.next(),
            nonce: [UInt8](try columns.next(Data.self)),
            ciphertext: [UInt8](try columns.next(Data.self)),
            tag: [UInt8](try columns.next(Data.self))
        )
    }
}

public import SimpleStreamKit

extension PostgresStore {
    public func sealedKeys(after last: StoredKey?, limit: Int) async throws(ChatError) -> [StoredKey] {
        guard limit > 0 else { return [] }
        let sql = """
            SELECT \(StoredKey.columns) FROM user_keys WHERE (user_id, provider) > ($1, $2)
            ORDER BY user_id, provider LIMIT $3
            """
        return try await database.read { connection in
            // No id is empty, so that every key comes after two empty texts.
            try connection.one(
                sql, [.text(last?.userID ?? ""), .text(last?.provider ?? ""), .int(Int64(limit))]
            ).map { try StoredKey(&$0) }
        }
    }

    public func resealKey(_ key: StoredKey, as box: SealedBox, fingerprint: String?) async throws(ChatError) -> Bool {
        let owner: [Parameter] = [.text(key.userID), .text(key.provider)]
        return try await database.write { connection, isInDoubt in
            let result = try connection.one(
                """
                UPDATE user_keys SET key_id = $3, nonce = $4, ciphertext = $5, tag = $6, fingerprint = $7
                WHERE user_id = $1 AND provider = $2
                    AND key_id = $8 AND nonce = $9 AND ciphertext = $10 AND tag = $11
                """, owner + box.parameters + [Parameter(fingerprint)] + key.box.parameters)
            if result.changedRows > 0 { return true }
            guard isInDoubt else { return false }
            return try connection.one(
                """
                SELECT FROM user_keys WHERE user_id = $1 AND provider = $2
                    AND key_id = $3 AND nonce = $4 AND ciphertext = $5 AND tag = $6
                """, owner + box.parameters
            ).rowCount > 0
        }
    }

    public func canary(orSave box: SealedBox?) async throws(ChatError) -> SealedBox? {
        var statements: [Statement] = []
        if let box {
            statements.append(
                Statement(
                    """
                    INSERT INTO vault_canary (id, key_id, nonce, ciphertext, tag) VALUES (1, $1, $2, $3, $4)
                    ON CONFLICT (id) DO NOTHING
                    """, box.parameters))
        }
        statements.append(Statement("SELECT key_id, nonce, ciphertext, tag FROM vault_canary"))
        return try await database.write { [statements] connection, _ in
            try connection.run(statements).last?.first { try SealedBox(&$0) }
        }
    }

    public func replaceCanary(_ old: SealedBox, with box: SealedBox) async throws(ChatError) -> Bool {
        try await database.write { connection, isInDoubt in
            let result = try connection.one(
                """
                UPDATE vault_canary SET key_id = $1, nonce = $2, ciphertext = $3, tag = $4
                WHERE key_id = $5 AND nonce = $6 AND ciphertext = $7 AND tag = $8
                """, box.parameters + old.parameters)
            if result.changedRows > 0 { return true }
            guard isInDoubt else { return false }
            return try connection.one(
                "SELECT FROM vault_canary WHERE key_id = $1 AND nonce = $2 AND ciphertext = $3 AND tag = $4",
                box.parameters
            ).rowCount > 0
        }
    }
}

extension SealedBox {
    var parameters: [Parameter] { [.text(keyID), .bytes(nonce), .bytes(ciphertext), .bytes(tag)] }

    init(_ columns: inout Columns) throws {
        self.init(
            keyID: try columns.text(),
            nonce: try columns.hexBytes(),
            ciphertext: try columns.hexBytes(),
            tag: try columns.hexBytes()
        )
    }
}

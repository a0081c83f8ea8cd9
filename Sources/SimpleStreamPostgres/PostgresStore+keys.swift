public import SimpleStreamKit

extension PostgresStore {
    public func keys(of userID: String) async throws(ChatError) -> [StoredKey] {
        let sql = "SELECT \(StoredKey.columns) FROM user_keys WHERE user_id = $1 ORDER BY provider"
        return try await database.read { connection in
            try connection.one(sql, [.text(userID)]).map { try StoredKey(&$0) }
        }
    }

    public func key(for provider: String, of userID: String) async throws(ChatError) -> StoredKey? {
        let sql = "SELECT \(StoredKey.columns) FROM user_keys WHERE user_id = $1 AND provider = $2"
        return try await database.read { connection in
            try connection.one(sql, [.text(userID), .text(provider)]).first { try StoredKey(&$0) }
        }
    }

    public func saveKey(_ key: StoredKey) async throws(ChatError) {
        try await database.write { connection, _ in _ = try connection.run(key.saving) }
    }

    public func deleteKey(for provider: String, of userID: String) async throws(ChatError) -> Bool {
        try await database.write { connection, isInDoubt in
            let results = try connection.run(
                Statement(StoredKey.lock, [.text(userID)]),
                Statement(
                    "DELETE FROM user_keys WHERE user_id = $1 AND provider = $2", [.text(userID), .text(provider)]),
                Statement(
                    """
                    UPDATE user_keys SET is_default = true
                    WHERE user_id = $1 AND provider = (SELECT min(provider) FROM user_keys WHERE user_id = $1)
                        AND NOT EXISTS (SELECT FROM user_keys WHERE user_id = $1 AND is_default)
                    """, [.text(userID)]))
            guard results.count == 3 else { throw UnknownValue() }
            return results[1].changedRows > 0 || isInDoubt
        }
    }

    public func keyUses(of userID: String, provider: String?, limit: Int) async throws(ChatError) -> [KeyUse] {
        let sql = """
            SELECT user_id, provider, fingerprint, message_id, used_at FROM key_uses
            WHERE user_id = $1 AND provider = coalesce($2, provider) ORDER BY ordinal DESC LIMIT $3
            """
        return try await database.read { connection in
            try connection.one(sql, [.text(userID), Parameter(provider), .int(Int64(max(limit, 0)))]).map { columns in
                KeyUse(
                    userID: try columns.text(),
                    provider: try columns.text(),
                    fingerprint: columns.optionalText(),
                    messageID: try columns.text(),
                    usedAt: try columns.date()
                )
            }
        }
    }

    // MARK: Settings

    public func document(_ name: String, of userID: String) async throws(ChatError) -> String? {
        try await database.read { connection in
            try connection.one(
                "SELECT json FROM settings WHERE user_id = $1 AND name = $2", [.text(userID), .text(name)]
            ).first { try $0.text() }
        }
    }

    public func saveDocument(_ name: String, _ json: String, of userID: String) async throws(ChatError) {
        try StoreError.check(document: json)
        try await database.write { connection, _ in
            _ = try connection.one(
                """
                INSERT INTO settings (user_id, name, json) VALUES ($1, $2, $3)
                ON CONFLICT (user_id, name) DO UPDATE SET json = EXCLUDED.json
                """, [.text(userID), .text(name), .text(json)])
        }
    }
}

extension StoredKey {
    init(_ columns: inout Columns) throws {
        self.init(
            userID: try columns.text(),
            provider: try columns.text(),
            label: try columns.text(),
            lastFour: try columns.text(),
            box: try SealedBox(&columns),
            baseURL: columns.optionalText(),
            verdict: KeyVerdict(.init(rawValue: try columns.text()), try columns.text()),
            checkedAt: try columns.date(),
            createdAt: try columns.date(),
            fingerprint: columns.optionalText(),
            isDefault: try columns.bool()
        )
    }

    /// One change of a user's keys at a time: which one is the default depends on the others.
    static let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 2))"

    /// Saves the key; a user's first one is their default.
    var saving: [Statement] {
        [
            Statement(Self.lock, [.text(userID)]),
            Statement(
                "UPDATE user_keys SET is_default = false WHERE user_id = $1 AND $2", [.text(userID), .bool(isDefault)]),
            Statement(
                """
                INSERT INTO user_keys (\(Self.columns))
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15 OR NOT EXISTS (
                    SELECT FROM user_keys WHERE user_id = $1 AND provider <> $2 AND is_default
                ))
                ON CONFLICT (user_id, provider) DO UPDATE SET (\(Self.columns)) = ROW (EXCLUDED.*)
                """,
                [.text(userID), .text(provider), .text(label), .text(lastFour)] + box.parameters + [
                    Parameter(baseURL), .text(verdict.code.rawValue), .text(verdict.message), Parameter(checkedAt),
                    Parameter(createdAt), Parameter(fingerprint), .bool(isDefault),
                ]),
        ]
    }
}

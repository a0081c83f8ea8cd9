public import SimpleStreamKit

extension PostgresStore {
    public func addSignInAttempt(_ attempt: SignInAttempt) async throws(ChatError) {
        let values: [Parameter] = [
            .text(attempt.stateHash), .text(attempt.browserHash), .text(attempt.provider), .text(attempt.verifier),
            .text(attempt.nonce), .text(attempt.returnPath), Parameter(attempt.expiresAt),
        ]
        let sql = """
            INSERT INTO sign_in_attempts (\(SignInAttempt.columns)) SELECT $1, $2, $3, $4, $5, $6, $7
            WHERE NOT ($8 AND EXISTS (SELECT FROM sign_in_attempts WHERE state_hash = $1))
            """
        try await database.write { connection, isInDoubt in
            _ = try connection.one(sql, values + [.bool(isInDoubt)])
        }
    }

    /// When the connection breaks, the attempt may be gone: its user begins again.
    public func takeSignInAttempt(withHash stateHash: String) async throws(ChatError) -> SignInAttempt? {
        let sql = """
            DELETE FROM sign_in_attempts WHERE state_hash = $1
            RETURNING \(SignInAttempt.columns), expires_at > ss_now($2)
            """
        let now = now
        return try await database.write { connection, _ in
            let found = try connection.one(sql, [.text(stateHash), now]).first { columns in
                (attempt: try SignInAttempt(&columns), isOpen: try columns.bool())
            }
            return found?.isOpen == true ? found?.attempt : nil
        }
    }

    public func addDeviceLogin(_ login: DeviceLogin) async throws(ChatError) -> Bool {
        let values: [Parameter] = [
            .text(login.deviceHash), .text(login.userCodeHash), .text(login.clientName), .text(login.scopes.text),
            Parameter(login.userID), Parameter(login.createdAt), Parameter(login.expiresAt),
        ]
        return try await database.write { connection, isInDoubt in
            let results = try connection.run(
                Statement(
                    """
                    INSERT INTO device_logins (\(DeviceLogin.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7)
                    ON CONFLICT DO NOTHING
                    """, values),
                Statement(
                    "SELECT FROM device_logins WHERE device_hash = $1 AND user_code_hash = $2",
                    [.text(login.deviceHash), .text(login.userCodeHash)]))
            guard results.count == 2 else { throw UnknownValue() }
            return results[0].changedRows > 0 || (isInDoubt && results[1].rowCount > 0)
        }
    }

    public func deviceLogin(withUserCodeHash userCodeHash: String) async throws(ChatError) -> DeviceLogin? {
        let sql = """
            SELECT \(DeviceLogin.columns) FROM device_logins
            WHERE user_code_hash = $1 AND user_id IS NULL AND expires_at > ss_now($2)
            """
        let now = now
        return try await database.read { connection in
            try connection.one(sql, [.text(userCodeHash), now]).first { try DeviceLogin(&$0) }
        }
    }

    public func decideDeviceLogin(
        withUserCodeHash userCodeHash: String, for userID: String?
    ) async throws(ChatError) -> Bool {
        let condition = "WHERE user_code_hash = $1 AND user_id IS NULL AND expires_at > ss_now($2)"
        let now = now
        guard let userID else {
            return try await delete("DELETE FROM device_logins \(condition)", [.text(userCodeHash), now])
        }
        return try await database.write { connection, isInDoubt in
            let results = try connection.run(
                Statement(
                    "UPDATE device_logins SET user_id = $3 \(condition)", [.text(userCodeHash), now, .text(userID)]),
                Statement(
                    "SELECT FROM device_logins WHERE user_code_hash = $1 AND user_id = $2",
                    [.text(userCodeHash), .text(userID)]))
            guard results.count == 2 else { throw UnknownValue() }
            return results[0].changedRows > 0 || (isInDoubt && results[1].rowCount > 0)
        }
    }

    /// When the connection breaks, the login may be gone: its program begins again.
    public func takeDeviceLogin(withHash deviceHash: String) async throws(ChatError) -> DeviceLogin? {
        let sql = """
            WITH taken AS (
                DELETE FROM device_logins WHERE device_hash = $1 AND expires_at > ss_now($2) AND user_id IS NOT NULL
                RETURNING \(DeviceLogin.columns)
            )
            SELECT \(DeviceLogin.columns) FROM taken
            UNION ALL
            SELECT \(DeviceLogin.columns) FROM device_logins
            WHERE device_hash = $1 AND expires_at > ss_now($2) AND user_id IS NULL
            """
        let now = now
        return try await database.write { connection, _ in
            try connection.one(sql, [.text(deviceHash), now]).first { try DeviceLogin(&$0) }
        }
    }

    public func deleteExpiredSignIns() async throws(ChatError) -> [String] {
        let now = now
        return try await database.write { connection, _ in
            let results = try connection.run(
                Statement(
                    """
                    DELETE FROM quota_use
                    WHERE key > 'former:' AND key < 'former;' AND ends_at <= (SELECT ss_now($1))
                    """, [now]),
                Statement("DELETE FROM sign_in_attempts WHERE expires_at <= ss_now($1)", [now]),
                Statement("DELETE FROM device_logins WHERE expires_at <= ss_now($1)", [now]),
                Statement("DELETE FROM sessions WHERE least(expires_at, ends_at) <= ss_now($1)", [now]),
                Statement(
                    """
                    SELECT id FROM users
                    WHERE kind = 'guest' AND created_at <= ss_now($1) - 3600000
                        AND NOT EXISTS (SELECT FROM sessions WHERE user_id = users.id)
                    ORDER BY id LIMIT 100
                    """, [now]))
            return try results.last?.map { try $0.text() } ?? []
        }
    }

    // MARK: Audit

    public func recordAudit(_ entry: AuditEntry) async throws(ChatError) {
        let detail: String?
        do {
            detail = entry.detail.isEmpty ? nil : try column(entry.detail.mapValues(\.asStored))
        } catch {
            throw ChatError(storing: error)
        }
        let values: [Parameter] = [
            .text(entry.id), .text(entry.userID), .text(entry.action.rawValue), Parameter(detail),
            Parameter(entry.address), Parameter(entry.createdAt),
        ]
        let sql = """
            INSERT INTO audit (\(AuditEntry.columns)) SELECT $1, $2, $3, $4, $5, $6
            WHERE NOT ($7 AND EXISTS (SELECT FROM audit WHERE id = $1 AND user_id = $2))
            """
        try await database.write { connection, isInDoubt in
            _ = try connection.one(sql, values + [.bool(isInDoubt)])
        }
    }

    public func auditEntries(
        of userID: String, before id: String?, limit: Int
    ) async throws(ChatError) -> [AuditEntry] {
        try PageCursor.check(limit: limit)
        let sql = """
            SELECT \(AuditEntry.columns) FROM audit
            WHERE user_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
            """
        return try await database.read { connection in
            try connection.one(sql, [.text(userID), Parameter(id), .int(Int64(limit))]).map { columns in
                AuditEntry(
                    id: try columns.text(),
                    userID: try columns.text(),
                    action: AuditEntry.Action(rawValue: try columns.text()),
                    detail: try columns.json([String: String].self) ?? [:],
                    address: columns.optionalText(),
                    createdAt: try columns.date()
                )
            }
        }
    }

    // MARK: Shares

    public func saveShare(_ share: SharedConversation) async throws(ChatError) -> Bool {
        let values: [Parameter] = [
            .text(share.conversationID), .text(share.tokenHash), .text(share.userID), Parameter(share.createdAt),
            .text(share.snapshot),
        ]
        let sql = """
            INSERT INTO shares (conversation_id, token_hash, user_id, created_at, snapshot)
            SELECT $1, $2, $3, $4, $5 FROM conversations WHERE id = $1 AND user_id = $3
            ON CONFLICT (conversation_id) DO UPDATE SET token_hash = EXCLUDED.token_hash, user_id = EXCLUDED.user_id,
                created_at = EXCLUDED.created_at, snapshot = EXCLUDED.snapshot
            """
        return try await database.write { connection, _ in try connection.one(sql, values).changedRows > 0 }
    }

    public func share(withHash tokenHash: String) async throws(ChatError) -> SharedConversation? {
        let sql = "SELECT token_hash, conversation_id, user_id, snapshot, created_at FROM shares WHERE token_hash = $1"
        return try await database.read { connection in
            try connection.one(sql, [.text(tokenHash)]).first { columns in
                SharedConversation(
                    tokenHash: try columns.text(),
                    conversationID: try columns.text(),
                    userID: try columns.text(),
                    snapshot: try columns.text(),
                    createdAt: try columns.date()
                )
            }
        }
    }

    public func deleteShare(ofConversation id: String, of userID: String) async throws(ChatError) -> Bool {
        try await delete(
            "DELETE FROM shares WHERE conversation_id = $1 AND user_id = $2", [.text(id), .text(userID)])
    }

    public func sharedConversations(
        among ids: [String], of userID: String
    ) async throws(ChatError) -> Set<String> {
        try await found(
            "SELECT conversation_id FROM shares WHERE conversation_id = ANY ($1::text[]) AND user_id = $2",
            [.texts(ids), .text(userID)])
    }
}

extension SignInAttempt {
    fileprivate init(_ columns: inout Columns) throws {
        self.init(
            stateHash: try columns.text(),
            browserHash: try columns.text(),
            provider: try columns.text(),
            verifier: try columns.text(),
            nonce: try columns.text(),
            returnPath: try columns.text(),
            expiresAt: try columns.date()
        )
    }
}

extension DeviceLogin {
    fileprivate init(_ columns: inout Columns) throws {
        let deviceHash = try columns.text()
        let userCodeHash = try columns.text()
        let clientName = try columns.text()
        let scopes = Set(text: try columns.text())
        let userID = columns.optionalText()
        self.init(
            deviceHash: deviceHash, userCodeHash: userCodeHash, clientName: clientName, scopes: scopes,
            createdAt: try columns.date(), expiresAt: try columns.date(), userID: userID)
    }
}

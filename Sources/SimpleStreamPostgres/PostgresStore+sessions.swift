public import SimpleStreamKit

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension PostgresStore {
    public func addSession(_ session: UserSession, replacing oldTokenHash: String?) async throws(ChatError) {
        let values: [Parameter] = [
            .text(session.id), .text(session.tokenHash), .text(session.userID), Parameter(session.createdAt),
            Parameter(session.lastSeenAt), Parameter(session.expiresAt), Parameter(session.endsAt),
            Parameter(session.authenticatedAt),
        ]
        try await database.write { connection, isInDoubt in
            let results = try connection.run(
                Statement("SELECT FROM users WHERE id = $1 FOR KEY SHARE", [.text(session.userID)]),
                Statement(
                    "DELETE FROM sessions WHERE token_hash = $1 AND EXISTS (SELECT FROM users WHERE id = $2)",
                    [Parameter(oldTokenHash), .text(session.userID)]),
                Statement(
                    """
                    INSERT INTO sessions (\(UserSession.columns)) SELECT $1, $2, $3, $4, $5, $6, $7, $8
                    WHERE EXISTS (SELECT FROM users WHERE id = $3)
                        AND NOT ($9 AND EXISTS (SELECT FROM sessions WHERE id = $1 AND token_hash = $2))
                    """, values + [.bool(isInDoubt)]))
            guard results.first?.rowCount == 1 else { throw StoreError.notFound("user") }
        }
    }

    public func session(withHash tokenHash: String) async throws(ChatError) -> SignedInSession? {
        let sql = """
            SELECT \(prefixed(UserSession.columns, by: "s")), \(prefixed(UserAccount.columns, by: "u"))
            FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.token_hash = $1 AND least(s.expires_at, s.ends_at) > ss_now($2)
            """
        let now = now
        return try await database.read { connection in
            try connection.one(sql, [.text(tokenHash), now]).first { columns in
                SignedInSession(session: try UserSession(&columns), user: try UserAccount(&columns))
            }
        }
    }

    public func extendSession(_ id: String, lastSeenAt: Date, expiresAt: Date) async throws(ChatError) {
        let sql = """
            UPDATE sessions SET last_seen_at = $2, expires_at = $3
            WHERE id = $1 AND least(expires_at, ends_at) > ss_now($4)
            """
        let now = now
        try await database.write { connection, _ in
            _ = try connection.one(sql, [.text(id), Parameter(lastSeenAt), Parameter(expiresAt), now])
        }
    }

    public func sessions(of userID: String) async throws(ChatError) -> [UserSession] {
        let sql = """
            SELECT \(UserSession.columns) FROM sessions
            WHERE user_id = $1 AND least(expires_at, ends_at) > ss_now($2) ORDER BY id DESC
            """
        let now = now
        return try await database.read { connection in
            try connection.one(sql, [.text(userID), now]).map { try UserSession(&$0) }
        }
    }

    public func deleteSession(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try await delete("DELETE FROM sessions WHERE id = $1 AND user_id = $2", [.text(id), .text(userID)])
    }

    public func validSessions(_ ids: [String]) async throws(ChatError) -> Set<String> {
        try await found(
            "SELECT id FROM sessions WHERE id = ANY ($1::text[]) AND least(expires_at, ends_at) > ss_now($2)",
            [.texts(ids), now])
    }

    // MARK: Tokens

    public func addToken(_ token: APIToken) async throws(ChatError) {
        let token = token.stored
        let values: [Parameter] = [
            .text(token.id), .text(token.tokenHash), .text(token.userID), .text(token.name),
            .text(token.scopes.text), Parameter(token.createdAt), Parameter(token.expiresAt),
            Parameter(token.lastUsedAt),
        ]
        try await database.write { connection, isInDoubt in
            let results = try connection.run(
                Statement("SELECT FROM users WHERE id = $1 FOR KEY SHARE", [.text(token.userID)]),
                Statement(
                    """
                    INSERT INTO api_tokens (\(APIToken.columns)) SELECT $1, $2, $3, $4, $5, $6, $7, $8
                    WHERE EXISTS (SELECT FROM users WHERE id = $3)
                        AND NOT ($9 AND EXISTS (SELECT FROM api_tokens WHERE id = $1 AND token_hash = $2))
                    """, values + [.bool(isInDoubt)]))
            guard results.first?.rowCount == 1 else { throw StoreError.notFound("user") }
        }
    }

    public func token(withHash tokenHash: String) async throws(ChatError) -> VerifiedToken? {
        let sql = """
            SELECT \(prefixed(APIToken.columns, by: "t")), \(prefixed(UserAccount.columns, by: "u"))
            FROM api_tokens t JOIN users u ON u.id = t.user_id
            WHERE t.token_hash = $1 AND (t.expires_at IS NULL OR t.expires_at > ss_now($2))
            """
        let now = now
        return try await database.read { connection in
            try connection.one(sql, [.text(tokenHash), now]).first { columns in
                VerifiedToken(token: try APIToken(&columns), user: try UserAccount(&columns))
            }
        }
    }

    public func tokens(of userID: String) async throws(ChatError) -> [APIToken] {
        let sql = "SELECT \(APIToken.columns) FROM api_tokens WHERE user_id = $1 ORDER BY id DESC"
        return try await database.read { connection in
            try connection.one(sql, [.text(userID)]).map { try APIToken(&$0) }
        }
    }

    public func markTokenUsed(_ id: String, at time: Date) async throws(ChatError) {
        try await database.write { connection, _ in
            _ = try connection.one(
                "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1", [.text(id), Parameter(time)])
        }
    }

    public func deleteToken(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try await delete("DELETE FROM api_tokens WHERE id = $1 AND user_id = $2", [.text(id), .text(userID)])
    }

    public func validTokens(_ ids: [String]) async throws(ChatError) -> Set<String> {
        try await found(
            """
            SELECT id FROM api_tokens WHERE id = ANY ($1::text[]) AND (expires_at IS NULL OR expires_at > ss_now($2))
            """, [.texts(ids), now])
    }

    // MARK: Both

    /// Deletes rows; whether there were any, or may have been when the first try's answer was lost.
    func delete(_ sql: String, _ parameters: [Parameter]) async throws(ChatError) -> Bool {
        try await database.write { connection, isInDoubt in
            try connection.one(sql, parameters).changedRows > 0 || isInDoubt
        }
    }

    /// The ids a query finds.
    func found(_ sql: String, _ parameters: [Parameter]) async throws(ChatError) -> Set<String> {
        try await database.read { connection in Set(try connection.one(sql, parameters).map { try $0.text() }) }
    }
}

extension Parameter {
    init(_ date: Date?) { self.init(date?.storedMilliseconds) }
}

extension UserSession {
    fileprivate init(_ columns: inout Columns) throws {
        self.init(
            id: try columns.text(),
            tokenHash: try columns.text(),
            userID: try columns.text(),
            createdAt: try columns.date(),
            lastSeenAt: try columns.date(),
            expiresAt: try columns.date(),
            endsAt: try columns.date(),
            authenticatedAt: try columns.optionalDate()
        )
    }
}

extension APIToken {
    fileprivate init(_ columns: inout Columns) throws {
        self.init(
            id: try columns.text(),
            tokenHash: try columns.text(),
            userID: try columns.text(),
            name: try columns.text(),
            scopes: Set(text: try columns.text()),
            createdAt: try columns.date(),
            expiresAt: try columns.optionalDate(),
            lastUsedAt: try columns.optionalDate()
        )
    }
}

import GRDB
public import SimpleStreamKit

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension SQLiteStore {
    public func addSession(_ session: UserSession, replacing oldTokenHash: String?) async throws(ChatError) {
        try await write { db in
            try db.requireUser(session.userID)
            try db.execute(sql: "DELETE FROM sessions WHERE token_hash = ?", arguments: [oldTokenHash])
            try db.execute(
                sql: "INSERT INTO sessions (\(UserSession.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    session.id, session.tokenHash, session.userID, session.createdAt.storedMilliseconds,
                    session.lastSeenAt.storedMilliseconds, session.expiresAt.storedMilliseconds,
                    session.endsAt.storedMilliseconds, session.authenticatedAt?.storedMilliseconds,
                ])
        }
    }

    public func session(withHash tokenHash: String) async throws(ChatError) -> SignedInSession? {
        let now = self.now
        let sql = """
            SELECT \(prefixed(UserSession.columns, by: "s")), \(prefixed(UserAccount.columns, by: "u"))
            FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.token_hash = ? AND min(s.expires_at, s.ends_at) > ?
            """
        return try await read { db in
            try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [tokenHash, now]).map { row in
                var columns = Columns(row)
                return SignedInSession(session: try UserSession(&columns), user: try UserAccount(&columns))
            }
        }
    }

    public func extendSession(_ id: String, lastSeenAt: Date, expiresAt: Date) async throws(ChatError) {
        let now = self.now
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE sessions SET last_seen_at = ?, expires_at = ?
                    WHERE id = ? AND min(expires_at, ends_at) > ?
                    """,
                arguments: [lastSeenAt.storedMilliseconds, expiresAt.storedMilliseconds, id, now])
        }
    }

    public func sessions(of userID: String) async throws(ChatError) -> [UserSession] {
        let now = self.now
        let sql = """
            SELECT \(UserSession.columns) FROM sessions
            WHERE user_id = ? AND min(expires_at, ends_at) > ? ORDER BY id DESC
            """
        return try await read { db in
            try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [userID, now]).map { row in
                var columns = Columns(row)
                return try UserSession(&columns)
            }
        }
    }

    public func deleteSession(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try await write { db in
            try db.execute(sql: "DELETE FROM sessions WHERE id = ? AND user_id = ?", arguments: [id, userID])
            return db.changesCount > 0
        }
    }

    public func validSessions(_ ids: [String]) async throws(ChatError) -> Set<String> {
        let now = self.now
        return try await read { db in
            try db.found(
                ids, by: "SELECT id FROM sessions WHERE id = ? AND min(expires_at, ends_at) > ?", arguments: [now])
        }
    }

    // MARK: Tokens

    public func addToken(_ token: APIToken) async throws(ChatError) {
        let token = token.stored
        try await write { db in
            try db.requireUser(token.userID)
            try db.execute(
                sql: "INSERT INTO api_tokens (\(APIToken.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    token.id, token.tokenHash, token.userID, token.name, token.scopes.text,
                    token.createdAt.storedMilliseconds, token.expiresAt?.storedMilliseconds,
                    token.lastUsedAt?.storedMilliseconds,
                ])
        }
    }

    public func token(withHash tokenHash: String) async throws(ChatError) -> VerifiedToken? {
        let now = self.now
        let sql = """
            SELECT \(prefixed(APIToken.columns, by: "t")), \(prefixed(UserAccount.columns, by: "u"))
            FROM api_tokens t JOIN users u ON u.id = t.user_id
            WHERE t.token_hash = ? AND (t.expires_at IS NULL OR t.expires_at > ?)
            """
        return try await read { db in
            try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [tokenHash, now]).map { row in
                var columns = Columns(row)
                return VerifiedToken(token: try APIToken(&columns), user: try UserAccount(&columns))
            }
        }
    }

    public func tokens(of userID: String) async throws(ChatError) -> [APIToken] {
        let sql = "SELECT \(APIToken.columns) FROM api_tokens WHERE user_id = ? ORDER BY id DESC"
        return try await read { db in
            try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [userID]).map { row in
                var columns = Columns(row)
                return try APIToken(&columns)
            }
        }
    }

    public func markTokenUsed(_ id: String, at time: Date) async throws(ChatError) {
        try await write { db in
            try db.execute(
                sql: "UPDATE api_tokens SET last_used_at = ? WHERE id = ?", arguments: [time.storedMilliseconds, id])
        }
    }

    public func deleteToken(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try await write { db in
            try db.execute(sql: "DELETE FROM api_tokens WHERE id = ? AND user_id = ?", arguments: [id, userID])
            return db.changesCount > 0
        }
    }

    public func validTokens(_ ids: [String]) async throws(ChatError) -> Set<String> {
        let now = self.now
        return try await read { db in
            try db.found(
                ids, by: "SELECT id FROM api_tokens WHERE id = ? AND (expires_at IS NULL OR expires_at > ?)",
                arguments: [now])
        }
    }
}

extension Database {
    fileprivate func requireUser(_ id: String) throws {
        guard try Bool.fetchOne(self, sql: "SELECT 1 FROM users WHERE id = ?", arguments: [id]) != nil else {
            throw StoreError.notFound("user")
        }
    }

    /// Those of the ids that a query for one finds.
    fileprivate func found(_ ids: [String], by sql: String, arguments: StatementArguments) throws -> Set<String> {
        let statement = try cachedStatement(sql: sql)
        return Set(try ids.compactMap { try String.fetchOne(statement, arguments: [$0] + arguments) })
    }
}

extension UserSession {
    fileprivate init(_ columns: inout Columns) throws {
        self.init(
            id: try columns.next(),
            tokenHash: try columns.next(),
            userID: try columns.next(),
            createdAt: try columns.date(),
            lastSeenAt: try columns.date(),
            expiresAt: try columns.date(),
            endsAt: try columns.date(),
            authenticatedAt: try columns.optional(Int64.self).map(Date.init(storedMilliseconds:))
        )
    }
}

extension APIToken {
    fileprivate init(_ columns: inout Columns) throws {
        self.init(
            id: try columns.next(),
            tokenHash: try columns.next(),
            userID: try columns.next(),
            name: try columns.next(),
            scopes: Set(text: try columns.next()),
            createdAt: try columns.date(),
            expiresAt: try columns.optional(Int64.self).map(Date.init(storedMilliseconds:)),
            lastUsedAt: try columns.optional(Int64.self).map(Date.init(storedMilliseconds:))
        )
    }
}

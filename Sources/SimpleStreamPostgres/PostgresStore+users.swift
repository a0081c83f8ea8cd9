public import SimpleStreamKit
import Synchronization

extension PostgresStore {
    public func addUser(_ user: UserAccount) async throws(ChatError) {
        let values = user.stored.values.map { Parameter($0) }
        let sql = """
            INSERT INTO users (\(UserAccount.columns)) SELECT $1, $2, $3, $4, $5, $6::text::bigint
            WHERE NOT ($7 AND EXISTS (SELECT FROM users WHERE id = $1))
            """
        try await database.write { connection, isInDoubt in
            _ = try connection.one(sql, values + [.bool(isInDoubt)])
        }
    }

    public func user(_ id: String) async throws(ChatError) -> UserAccount? {
        let sql = "SELECT \(UserAccount.columns) FROM users WHERE id = $1"
        return try await database.read { connection in
            try connection.one(sql, [.text(id)]).first { try UserAccount(&$0) }
        }
    }

    public func signIn(_ identity: Identity, as user: UserAccount) async throws(ChatError) -> UserAccount {
        let values = Parameter.texts(user.stored.values)
        let known: [Parameter] = [.text(identity.issuer), .text(identity.subject)]
        let now = now
        return try await database.write { connection, _ in
            let results = try connection.run(
                Statement("SELECT ss_sign_in($1, $2, $3)", known + [values]),
                // Nothing, but for who was deleted and comes back.
                Statement(
                    """
                    SELECT ss_move_quotas($3, 'user:' || user_id, $4) FROM identities
                    WHERE issuer = $1 AND subject = $2
                    """, known + [.text(identity.formerScope), now]),
                Statement(
                    """
                    SELECT \(UserAccount.columns) FROM users
                    WHERE id = (SELECT user_id FROM identities WHERE issuer = $1 AND subject = $2)
                    """, known))
            guard let stored = try results.last?.first({ try UserAccount(&$0) }) else { throw UnknownValue() }
            return stored
        }
    }

    public func identities(of userID: String) async throws(ChatError) -> [Identity] {
        try await database.read { connection in try connection.identities(of: userID) }
    }

    public func mergeGuest(
        _ guestID: String, into userID: String, keys: [StoredKey]
    ) async throws(ChatError) -> Bool {
        guard guestID != userID else { return false }
        return try await database.write { connection, isInDoubt in
            try connection.transaction {
                let kinds = try connection.one(
                    "SELECT id, kind FROM users WHERE id IN ($1, $2) ORDER BY id FOR UPDATE",
                    [.text(guestID), .text(userID)]
                ).map { (id: try $0.text(), kind: UserAccount.Kind(rawValue: try $0.text())) }
                guard kinds.contains(where: { $0.id == userID }) else { return false }
                guard let guest = kinds.first(where: { $0.id == guestID }) else { return isInDoubt }
                guard guest.kind == .guest else { return false }
                try connection.moveKeys(of: guestID, to: userID, keys)
                _ = try connection.run(
                    Self.moves.map { Statement($0, [.text(guestID), .text(userID)]) }
                        + Self.leftovers.map { Statement($0, [.text(guestID)]) })
                return true
            }
        }
    }

    /// The words are moved while the rows still are the first user's; then what belongs to conversations, then they.
    private static let moves = [
        """
        UPDATE search SET user_id = $2,
            words = ts_delete(words, ss_owner($1)) || array_to_tsvector(ARRAY[ss_owner($2)])
        WHERE user_id = $1 AND words @@ ss_owner($1)::tsquery
        """,
        """
        UPDATE messages SET user_id = $2, request_id = NULL
        WHERE conversation_id IN (SELECT id FROM conversations WHERE user_id = $1)
        """,
        """
        UPDATE shares SET user_id = $2
        WHERE conversation_id IN (SELECT id FROM conversations WHERE user_id = $1)
        """,
        "UPDATE conversations SET user_id = $2 WHERE user_id = $1",
        "UPDATE attachments SET user_id = $2 WHERE user_id = $1",
        "UPDATE usage SET user_id = $2 WHERE user_id = $1",
        "UPDATE key_uses SET user_id = $2 WHERE user_id = $1",
        """
        UPDATE settings SET user_id = $2 WHERE user_id = $1
            AND NOT EXISTS (SELECT FROM settings AS s WHERE s.user_id = $2 AND s.name = settings.name)
        """,
        "UPDATE audit SET user_id = $2 WHERE user_id = $1",
    ]

    private static let leftovers = [
        "DELETE FROM settings WHERE user_id = $1",
        "DELETE FROM users WHERE id = $1",
    ]

    public func deleteUser(_ id: String) async throws(ChatError) -> DeletedUser? {
        // What was there, for a connection that breaks between the deletion and its answer.
        let known = Mutex<DeletedUser?>(nil)
        let now = now
        return try await database.write { connection, isInDoubt in
            let deleted = try connection.transaction { () -> DeletedUser? in
                let user = try connection.one("SELECT FROM users WHERE id = $1 FOR UPDATE", [.text(id)])
                guard user.rowCount > 0 else { return nil }
                let found = try connection.run(
                    Statement("SELECT FROM conversations WHERE user_id = $1 ORDER BY id FOR UPDATE", [.text(id)]),
                    Statement("SELECT id FROM attachments WHERE user_id = $1 ORDER BY id", [.text(id)]),
                    Statement(
                        "SELECT id FROM messages WHERE user_id = $1 AND status = 'streaming' ORDER BY id", [.text(id)]))
                guard found.count == 3 else { throw UnknownValue() }
                let deleted = DeletedUser(
                    attachmentIDs: try found[1].map { try $0.text() }, runIDs: try found[2].map { try $0.text() })
                known.withLock { $0 = deleted }
                let identity = try connection.identities(of: id).first
                _ = try connection.run(
                    Self.removals.map { Statement($0, [.text(id)]) } + [
                        Statement(
                            "SELECT ss_move_quotas($1, $2, $3)",
                            [.text("user:\(id)"), Parameter(identity?.formerScope), now])
                    ])
                return deleted
            }
            return deleted ?? (isInDoubt ? known.withLock { $0 } : nil)
        }
    }

    /// Messages, shares and words go with their conversations, what lets users in with them.
    private static let removals = [
        "DELETE FROM conversations WHERE user_id = $1",
        "DELETE FROM attachments WHERE user_id = $1",
        "DELETE FROM user_keys WHERE user_id = $1",
        "DELETE FROM usage WHERE user_id = $1",
        "DELETE FROM key_uses WHERE user_id = $1",
        "DELETE FROM settings WHERE user_id = $1",
        "DELETE FROM audit WHERE user_id = $1",
        "DELETE FROM users WHERE id = $1",
    ]
}

extension Connection {
    fileprivate func identities(of userID: String) throws -> [Identity] {
        let sql = "SELECT issuer, subject FROM identities WHERE user_id = $1 ORDER BY issuer, subject"
        return try one(sql, [.text(userID)]).map { columns in
            Identity(issuer: try columns.text(), subject: try columns.text())
        }
    }

    /// Deletes a guest's keys and saves those of them that were sealed for the user and that the user lacks.
    fileprivate func moveKeys(of guestID: String, to userID: String, _ keys: [StoredKey]) throws {
        let find = "SELECT provider FROM user_keys WHERE user_id = $1 FOR UPDATE"
        let theirs = Set(try one(find, [.text(guestID)]).map { try $0.text() })
        let taken = Set(try one(find, [.text(userID)]).map { try $0.text() })
        _ = try one("DELETE FROM user_keys WHERE user_id = $1", [.text(guestID)])
        for key in keys where key.userID == userID && theirs.contains(key.provider) && !taken.contains(key.provider) {
            _ = try run(key.saving)
        }
    }
}

extension UserAccount {
    init(_ columns: inout Columns) throws {
        self.init(
            id: try columns.text(),
            kind: Kind(rawValue: try columns.text()),
            name: try columns.text(),
            email: columns.optionalText(),
            avatarURL: columns.optionalText(),
            createdAt: try columns.date()
        )
    }

    /// As texts, in the order of the columns.
    var values: [String?] { [id, kind.rawValue, name, email, avatarURL, "\(createdAt.storedMilliseconds)"] }
}

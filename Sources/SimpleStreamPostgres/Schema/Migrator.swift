import SimpleStreamKit

/// Brings a database to the schema of this program, step by step and only forward.
struct Migrator {
    let migrations: [Migration]

    var newest: Int { migrations.last?.version ?? 0 }

    /// How long changing the schema, or waiting for another node that does, may take.
    private static let patience = Duration.seconds(600)
    /// What nodes that migrate at once wait for: a number of ours.
    private static let lock: Int64 = 0x5349_4D50_4C45

    /// Applies what is missing, in one transaction.
    ///
    /// Nodes that start at once wait for each other.
    ///
    /// - Throws: `ChatError` for a database that is newer than this program or somebody else's.
    func migrate(_ connection: Connection) throws {
        guard try version(connection) < newest else { return }
        let patience = connection.patience
        connection.patience = Self.patience
        defer { connection.patience = patience }
        try connection.script("BEGIN; SET LOCAL statement_timeout = 0")
        do {
            _ = try connection.one("SELECT pg_advisory_xact_lock($1)", [.int(Self.lock)])
            // Another node may have been first.
            let found = try version(connection)
            for step in migrations where step.version > found { try apply(step, connection) }
            try connection.script("COMMIT")
        } catch {
            // When even that fails, the connection goes and takes the transaction along.
            try? connection.script("ROLLBACK")
            throw error
        }
    }

    /// The schema's version; 0 for an empty database.
    ///
    /// - Throws: `ChatError` for a database that is newer than this program or somebody else's.
    func version(_ connection: Connection) throws -> Int {
        // Not `to_regclass`: in a transaction that has waited it still says what it said before.
        let tables = try connection.one(
            """
            SELECT coalesce(bool_or(relname = 'schema_migrations'), false),
                coalesce(bool_or(relname IN ('conversations', 'messages')), false)
            FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v')
            """)
        let found = try tables.first { (hasVersion: try $0.bool(), hasTables: try $0.bool()) }
        guard let found, found.hasVersion else {
            if found?.hasTables == true { throw Self.stranger }
            return 0
        }
        let version: Int
        do {
            version =
                try connection.one("SELECT coalesce(max(version), 0)::bigint FROM schema_migrations")
                .first { try $0.int() } ?? 0
        } catch let error as PostgresError where error.state.hasPrefix("42") || error.state.hasPrefix("22") {
            throw Self.stranger
        }
        guard version <= newest else {
            throw ChatError(
                .storageUnavailable,
                "The database has schema version \(version), this program knows up to \(newest). Use a newer program.",
                isRetryable: false)
        }
        if version > 0, !found.hasTables { throw Self.stranger }
        return version
    }

    private func apply(_ step: Migration, _ connection: Connection) throws {
        try connection.script(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (version integer PRIMARY KEY, applied_at bigint NOT NULL);
            \(step.sql)
            """)
        _ = try connection.one(
            """
            INSERT INTO schema_migrations (version, applied_at)
            VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
            """, [.int(Int64(step.version))])
    }

    private static var stranger: ChatError {
        ChatError(
            .storageUnavailable, "The database holds tables of another program. Choose another database or schema.",
            isRetryable: false)
    }
}

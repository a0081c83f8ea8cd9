import GRDB
import SimpleStreamKit

/// Brings a database file to the schema of this program, step by step and only forward.
struct Migrator {
    let path: String
    let migrations: [Migration]

    private var newest: Int { migrations.last?.version ?? 0 }

    /// Refuses files that are not ours or newer than this program, before anything is written to them.
    func inspect(_ db: Database) throws {
        let version = try version(db)
        if version == 0 {
            let strangers = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM sqlite_schema WHERE name <> 'schema_migrations'")
            guard strangers == 0 else {
                throw ChatError(
                    .storageUnavailable, "The database file belongs to another program. Choose another path.",
                    isRetryable: false, detail: path)
            }
        }
        guard version <= newest else {
            throw ChatError(
                .storageUnavailable,
                "The database has schema version \(version), this program knows up to \(newest). Use a newer program.",
                isRetryable: false, detail: path)
        }
    }

    /// Applies what is missing.
    ///
    /// A file that holds data is copied to `<path>.backup-v<N>` first.
    func migrate(_ pool: DatabasePool) throws {
        while true {
            let found = try pool.read(version)
            guard found < newest else { return }
            if found > 0 { try backUp(pool, version: found) }
            // Another process may have migrated meanwhile; then this copy would have the wrong name.
            let isDone = try pool.write { db in
                guard try version(db) == found else { return false }
                for step in migrations where step.version > found { try apply(step, db) }
                return true
            }
            if isDone { return }
        }
    }

    func version(_ db: Database) throws -> Int {
        guard try db.tableExists("schema_migrations") else { return 0 }
        return try Int.fetchOne(db, sql: "SELECT max(version) FROM schema_migrations") ?? 0
    }

    private func apply(_ step: Migration, _ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL
                ) STRICT;
                """)
        try db.execute(sql: step.sql)
        try db.execute(
            sql: "INSERT INTO schema_migrations (version, applied_at) VALUES (?, unixepoch() * 1000)",
            arguments: [step.version])
    }

    private func backUp(_ pool: DatabasePool, version: Int) throws {
        let target = "\(path).backup-v\(version)"
        let unfinished = "\(target).\(UUIDv7.make())"
        // Made beforehand, because SQLite would let everyone read it.
        try DatabaseFiles.create(unfinished)
        do {
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM INTO ?", arguments: [unfinished])
            }
            try DatabaseFiles.sync(unfinished)
            try DatabaseFiles.rename(unfinished, to: target)
        } catch {
            DatabaseFiles.remove(unfinished)
            throw error
        }
    }
}

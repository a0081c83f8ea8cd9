import Dispatch
import GRDB
public import SimpleStreamKit

extension SQLiteStore {
    /// What is known of a file without opening a store on it.
    public struct Inspection: Sendable, Hashable {
        /// Its schema's version; nil when there is no file, or an empty one.
        public var version: Int?
        /// The version this program brings files to.
        public var newest: Int
    }

    /// Looks at a file, changing nothing: whether it is ours, whole, and can be written.
    ///
    /// - Throws: `storage_unavailable` with what is wrong.
    public static func inspect(path: String) async throws(ChatError) -> Inspection {
        let result: Result<Inspection, any Error> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Result { try inspectBlocking(path) }) }
        }
        do { return try result.get() } catch { throw ChatError(storing: error, path: path) }
    }

    private static func inspectBlocking(_ path: String) throws -> Inspection {
        let migrator = Migrator(path: path, migrations: Schema.migrations)
        let newest = Schema.migrations.last?.version ?? 0
        guard DatabaseFiles.exists(path) else { return Inspection(version: nil, newest: newest) }
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { db in
            try migrator.inspect(db)
            let damage = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
            guard damage == "ok" else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: damage) }
            // Takes the lock a writer needs, and gives it back.
            try db.execute(sql: "BEGIN IMMEDIATE")
            try db.execute(sql: "ROLLBACK")
            let version = try migrator.version(db)
            return Inspection(version: version == 0 ? nil : version, newest: newest)
        }
    }
}

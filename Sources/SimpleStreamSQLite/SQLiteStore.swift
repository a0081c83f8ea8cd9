import Dispatch
import GRDB
public import SimpleStreamKit

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Keeps everything in one SQLite file.
///
/// - **Durability.** The file is in WAL mode with `synchronous=FULL`: a call that returned survives a killed process
///   and a power cut. That is one `fsync` per change; checkpoints of all runs share one, so that four a second are
///   enough.
/// - **Processes.** Several processes may open one file. Runs stay apart by their leases, changes wait for each other
///   up to five seconds. A server opens it `exclusive`, which refuses a second server, not other programs.
/// - **Threads.** Nothing blocks the shared thread pool: one queue writes, up to four read.
/// - **Schema.** Opening brings an older file up to date, after a copy to `<path>.backup-v<N>`, and refuses a newer one.
///
/// The file is readable by its owner only. It closes when the store is released, or by ``close()``.
public final class SQLiteStore: Store {
    let path: String
    private let pool: DatabasePool
    /// Held, not read: releasing it gives the lock back.
    private let lock: ServerLock?
    private let clock: @Sendable () -> Date

    /// Opens the file, or makes it with the directories above it.
    ///
    /// - Parameters:
    ///   - path: where the file is.
    ///   - exclusive: whether no other store may be opened exclusively on the same file.
    ///   - now: the clock leases and activity go by.
    /// - Throws: `storage_unavailable`. The path is in the error's detail only.
    public convenience init(
        path: String,
        exclusive: Bool = false,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws(ChatError) {
        try await self.init(path: path, exclusive: exclusive, migrations: Schema.migrations, now: now)
    }

    init(
        path: String,
        exclusive: Bool = false,
        busyTimeout: Double = 5,
        maximumPageCount: Int? = nil,
        migrations: [Migration],
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws(ChatError) {
        let options = Options(
            path: path, exclusive: exclusive, busyTimeout: busyTimeout, maximumPageCount: maximumPageCount,
            migrations: migrations)
        let opened = try await Self.open(options)
        self.path = opened.path
        self.pool = opened.pool
        self.lock = opened.lock
        self.clock = now
    }

    /// Waits for what is under way and closes the file.
    ///
    /// Later calls throw `storage_unavailable`.
    public func close() async throws(ChatError) {
        let pool = self.pool
        let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Result { try pool.close() }) }
        }
        do { try result.get() } catch { throw ChatError(storing: error, path: path) }
    }

    var now: Int64 { clock().storedMilliseconds }

    /// Runs a transaction that changes something.
    ///
    /// Cancelling the task does not stop it.
    func write<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws(ChatError) -> R {
        let result: Result<R, any Error> = await withCheckedContinuation { continuation in
            pool.asyncWrite(body) { _, result in continuation.resume(returning: result) }
        }
        do { return try result.get() } catch { throw ChatError(storing: error, path: path) }
    }

    /// Reads one state of the database.
    func read<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws(ChatError) -> R {
        do { return try await pool.read(body) } catch { throw ChatError(storing: error, path: path) }
    }
}

// MARK: - Opening

extension SQLiteStore {
    private struct Options: Sendable {
        let path: String
        let exclusive: Bool
        let busyTimeout: Double
        let maximumPageCount: Int?
        let migrations: [Migration]
    }

    private struct Opened: Sendable {
        let path: String
        let pool: DatabasePool
        let lock: ServerLock?
    }

    private static func open(_ options: Options) async throws(ChatError) -> Opened {
        let result: Result<Opened, any Error> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Result { try openBlocking(options) }) }
        }
        do { return try result.get() } catch { throw ChatError(storing: error, path: options.path) }
    }

    private static func openBlocking(_ options: Options) throws -> Opened {
        guard !options.path.isEmpty, !options.path.utf8.contains(0) else {
            throw ChatError(.storageUnavailable, "The path of the database is empty.", isRetryable: false)
        }
        try DatabaseFiles.createDirectories(above: options.path)
        try DatabaseFiles.create(options.path)
        let path = try DatabaseFiles.resolved(options.path)
        let lock = options.exclusive ? try ServerLock(databasePath: path) : nil
        let migrator = Migrator(path: path, migrations: options.migrations)
        try inspect(path, migrator, options)
        let pool = try DatabasePool(path: path, configuration: configuration(options))
        try migrator.migrate(pool)
        try pool.writeWithoutTransaction { db in
            // The pool has set NORMAL, which lets a power cut undo what was acknowledged.
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864")
            if let pages = options.maximumPageCount {
                _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages)")
            }
        }
        return Opened(path: path, pool: pool, lock: lock)
    }

    /// Looks into the file before a pool turns it to WAL mode.
    private static func inspect(_ path: String, _ migrator: Migrator, _ options: Options) throws {
        var configuration = configuration(options)
        configuration.readonly = true
        try DatabaseQueue(path: path, configuration: configuration).read(migrator.inspect)
    }

    private static func configuration(_ options: Options) -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(options.busyTimeout)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            // 8 MiB for the writer and each reader. No mmap: a file cut short or a bad disk would end the process.
            try db.execute(sql: "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF")
        }
        return configuration
    }
}

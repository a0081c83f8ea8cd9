public import Logging
public import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Keeps everything in a PostgreSQL database, which several nodes share.
///
/// - **Durability.** As the server's `synchronous_commit` has it; by default a call that returned survives a crash.
/// - **Round trips.** A run begins in one and ends in one; a checkpoint of all runs is one statement.
/// - **Nodes.** Leases go by the database's clock. Of two nodes that begin the same request, or two on one branch, one
///   wins.
/// - **Threads.** Nothing blocks the shared thread pool: each connection has a thread that waits for it.
/// - **Outages.** Connections are replaced by themselves. While there is none to be had, calls throw
///   `storage_unavailable` at once. A change whose connection broke is looked up on another one before it is done again
///   or given up.
/// - **Schema.** Opening brings an older database up to date, under a lock that other nodes wait for, and refuses a newer
///   one.
///
/// Connections close when the store is released, or by ``close()``.
public final class PostgresStore: Store {
    let database: Database
    /// In place of the database's clock, for tests.
    private let clock: (@Sendable () -> Date)?

    /// Connects, and brings the schema up to date.
    ///
    /// - Throws: `storage_unavailable`; what the server said is in the error's detail, without the password.
    public convenience init(
        configuration: PostgresConfiguration,
        logger: Logger = Logger(label: "simple-stream.postgres")
    ) async throws(ChatError) {
        try await self.init(configuration: configuration, migrations: Schema.migrations, logger: logger)
    }

    /// Connects to `postgres://…`, as ``PostgresConfiguration/init(url:)`` describes.
    ///
    /// - Throws: `storage_unavailable`, `invalid_request` for a URL that cannot be used.
    public convenience init(url: String) async throws(ChatError) {
        try await self.init(configuration: PostgresConfiguration(url: url))
    }

    init(
        configuration: PostgresConfiguration,
        migrations: [Migration] = Schema.migrations,
        logger: Logger = Logger(label: "simple-stream.postgres"),
        now: (@Sendable () -> Date)? = nil
    ) async throws(ChatError) {
        let database = Database(configuration, logger: logger)
        self.database = database
        clock = now
        let migrator = Migrator(migrations: migrations)
        try await database.write { connection, _ in try migrator.migrate(connection) }
    }

    /// Attachments' bytes in the same database, for all nodes.
    public var blobs: PostgresBlobStore { PostgresBlobStore(database) }

    /// Waits for what is under way and closes the connections.
    ///
    /// Later calls throw `storage_unavailable`.
    public func close() async {
        database.pool.shutDown()
        await database.pool.ended()
    }

    /// What statements take as their clock: null is the database's.
    var now: Parameter { Parameter(clock?().storedMilliseconds) }
}

import Logging
public import SimpleStreamKit

extension PostgresStore {
    /// What a look at a database shows.
    public struct Inspection: Sendable, Hashable {
        /// The schema's version; nil when the database is empty.
        public var version: Int?
        /// The version this program would bring it to.
        public var newest: Int
    }

    /// Looks at a database, and changes nothing.
    ///
    /// - Throws: `storage_unavailable` when it cannot be reached, is newer than this program or somebody else's.
    public static func inspect(_ configuration: PostgresConfiguration) async throws(ChatError) -> Inspection {
        let database = Database(configuration, logger: Logger(label: "simple-stream.postgres"))
        let migrator = Migrator(migrations: Schema.migrations)
        let version = try await database.read { connection in try migrator.version(connection) }
        database.pool.shutDown()
        await database.pool.ended()
        return Inspection(version: version == 0 ? nil : version, newest: migrator.newest)
    }
}

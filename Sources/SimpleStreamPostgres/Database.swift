import Logging
import SimpleStreamKit

/// A pool of connections and the rules of trying again.
///
/// - A transaction that had to give way to another one is done again, a few times.
/// - A connection that breaks during a read is no news: the read is done once more on another. One that is silent is not
///   waited for twice.
/// - A connection that breaks during a change leaves it in doubt: the change is done once more on another connection,
///   and told so, so that it looks whether it is done already. When there is no other connection, the call throws.
final class Database: Sendable {
    let pool: ConnectionPool

    /// How often a transaction gives way before that is an error.
    private static let conflictLimit = 8
    /// How often a broken connection is no news.
    private static let breakLimit = 2

    init(_ pool: ConnectionPool) { self.pool = pool }

    convenience init(_ configuration: PostgresConfiguration, logger: Logger) {
        let connector = Connector(
            parameters: configuration.parameters, connectTimeout: configuration.connectTimeout,
            statementTimeout: configuration.statementTimeout)
        let limits = ConnectionPool.Limits(
            connections: configuration.maximumConnections, acquireTimeout: configuration.acquireTimeout)
        self.init(ConnectionPool(connector, limits: limits, logger: logger))
    }

    deinit { pool.shutDown() }

    /// Reads.
    ///
    /// Cancelling the task stops the statement.
    func read<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws(ChatError) -> R {
        try await attempt(isCancellable: true) { connection, _ in try body(connection) }
    }

    /// Changes something, in as many transactions as `body` calls ``Connection/run(_:)``, which should be one.
    ///
    /// Cancelling the task does not stop it. `body` is told whether an earlier call of it may have been done.
    func write<R: Sendable>(
        _ body: @escaping @Sendable (_ connection: Connection, _ isInDoubt: Bool) throws -> R
    ) async throws(ChatError) -> R {
        try await attempt(isCancellable: false, body)
    }

    private func attempt<R: Sendable>(
        isCancellable: Bool, _ body: @escaping @Sendable (Connection, Bool) throws -> R
    ) async throws(ChatError) -> R {
        var (conflicts, breaks, isInDoubt) = (0, 0, false)
        while true {
            let result = await pool.perform(isCancellable: isCancellable) { [isInDoubt] connection in
                try body(connection, isInDoubt)
            }
            switch result {
            case .success(let value): return value
            case .failure(let error):
                guard let met = error as? PostgresError else { throw ChatError(storing: error) }
                if met.isConflict || met.isStalePlan || met.isRequestRace || met.isOutdated,
                    conflicts < Self.conflictLimit
                {
                    conflicts += 1
                } else if met.kind == .lost, breaks < Self.breakLimit, !(isCancellable && met.isSilent) {
                    breaks += 1
                    isInDoubt = true
                } else {
                    throw ChatError(storing: met)
                }
            }
        }
    }
}

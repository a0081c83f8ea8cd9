import SimpleStreamKit

/// Makes connections ready for use.
struct Connector: Sendable {
    let parameters: ConnectionParameters
    let connectTimeout: Duration
    let statementTimeout: Duration

    /// Connects on the calling thread, which waits.
    ///
    /// - Parameter isWanted: asked at every wake-up; false gives up.
    func connect(_ wakeUp: WakeUp, while isWanted: () -> Bool = { true }) throws(PostgresError) -> Connection {
        let deadline = MonotonicTime.now + connectTimeout
        let connection = try Connection(
            parameters.pairs, secret: parameters.password, wakeUp: wakeUp, patience: connectTimeout)
        try connection.connect(by: deadline, while: isWanted)
        guard connection.serverVersion >= 130_000 else {
            throw PostgresError(kind: .unreachable, state: "0A000", detail: "the server is older than PostgreSQL 13")
        }
        guard connection.serverParameter("server_encoding") == "UTF8" else {
            throw PostgresError(kind: .unreachable, state: "0A000", detail: "the database's encoding is not UTF8")
        }
        connection.patience = .milliseconds(deadline.millisecondsLeft)
        do {
            let time = try connection.one(Self.setup, [.int(serverLimit)]).first { Int64(try $0.int()) }
            if let time { connection.setClock(time) }
        } catch let error as PostgresError {
            throw error
        } catch {
            throw PostgresError(kind: .unreadable, detail: "the server's clock")
        }
        connection.patience = statementTimeout
        return connection
    }

    /// The server stops a statement a little later than we do, when we cannot.
    private var serverLimit: Int64 {
        let limit = statementTimeout.storedMilliseconds
        return limit > 2_000_000_000 ? 0 : limit + 1000
    }

    /// Our rules count on new snapshots for each statement, whatever the database's default is.
    private static let setup = """
        SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, set_config('statement_timeout', $1::bigint::text, false),
            set_config('default_transaction_isolation', 'read committed', false),
            set_config('jit', 'off', false)
        """
}

/// The thread of one connection, from the attempt to connect to its end.
///
/// It takes jobs from its pool and sleeps when there are none. A connection that is gone ends its worker; the pool
/// starts another.
final class Worker: Sendable {
    let wakeUp: WakeUp
    private let pool: ConnectionPool
    private let delay: Duration

    /// - Parameter delay: how long to wait before connecting.
    init(pool: ConnectionPool, delay: Duration) throws(PostgresError) {
        wakeUp = try WakeUp()
        self.pool = pool
        self.delay = delay
    }

    /// False when there is no thread to be had.
    func start() -> Bool { startThread(named: "ss-postgres") { self.run() } }

    private func run() {
        let begin = MonotonicTime.now + delay
        while begin.millisecondsLeft > 0, pool.isWanted(self) {
            _ = wakeUp.wait(milliseconds: begin.millisecondsLeft)
        }
        let connection: Connection
        do throws(PostgresError) {
            connection = try pool.connector.connect(wakeUp) { self.pool.isWanted(self) }
        } catch {
            return pool.failed(self, error)
        }
        serve(connection)
    }

    private func serve(_ connection: Connection) {
        var job = pool.connected(self)
        var tired = MonotonicTime.now + pool.idleTime
        while true {
            while let current = job {
                current.interrupt.attach(wakeUp)
                connection.interrupt = current.interrupt
                let report = current.run(connection)
                current.interrupt.attach(nil)
                connection.interrupt = nil
                if let failure = connection.failure {
                    pool.lost(self, failure)
                    return report()
                }
                // Given back before the caller goes on, who may want it at once.
                job = pool.next(after: self)
                report()
                tired = .now + pool.idleTime
            }
            let isReadable = wakeUp.wait(connection.socket, milliseconds: max(tired.millisecondsLeft, 1000))
            if isReadable { connection.look() }
            if let failure = connection.failure { return pool.lost(self, failure) }
            switch pool.woken(self, isTired: tired.millisecondsLeft == 0) {
            case .work(let next): job = next
            case .rest: continue
            case .end: return
            }
        }
    }
}

/// Something to do with a connection.
struct Job: Sendable {
    let interrupt: Interrupt
    /// Does it; what is returned reports the result.
    let run: @Sendable (Connection) -> @Sendable () -> Void
    /// Reports that it will not be done.
    let refuse: @Sendable (PostgresError) -> Void
}

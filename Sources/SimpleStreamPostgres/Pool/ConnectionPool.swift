import DequeModule
import Dispatch
import Logging
import SimpleStreamKit
import Synchronization

/// A bounded number of connections, each with a thread of its own.
///
/// Connections are made when they are needed, given to whoever waits longest, and replaced when they break. While none
/// can be made, calls are refused at once and one worker tries again and again, less and less often.
final class ConnectionPool: Sendable {
    struct Limits: Sendable {
        var connections: Int
        var acquireTimeout: Duration
        /// Calls that may wait for a connection.
        var waiting = 4096
        /// After which a connection nobody needs is closed, if it is not the last one.
        var idle = Duration.seconds(600)
        /// Between attempts to connect: doubled each time, up to the second.
        var backoff = (first: Duration.milliseconds(100), last: Duration.seconds(5))
    }

    private struct State {
        var isClosed = false
        /// All that are not ended: connecting or connected.
        var workers: [ObjectIdentifier: Worker] = [:]
        var connected: Set<ObjectIdentifier> = []
        /// Connected and without a job; the last one was used last.
        var idle: [Worker] = []
        /// Idle ones that shall end.
        var condemned: Set<ObjectIdentifier> = []
        /// What an idle worker finds when it wakes.
        var assigned: [ObjectIdentifier: Job] = [:]
        var waiting: Deque<Job> = []
        /// Why no connection can be made; nil while there is hope.
        var trouble: PostgresError?
        var failures = 0
        /// The server takes no more than we have: not to be asked before.
        var growsAfter = MonotonicTime.now
        var whenEmpty: [CheckedContinuation<Void, Never>] = []

        var connecting: Int { workers.count - connected.count }
    }

    let connector: Connector
    private let limits: Limits
    private let logger: Logger
    private let state = Mutex(State())

    init(_ connector: Connector, limits: Limits, logger: Logger) {
        self.connector = connector
        self.limits = limits
        self.logger = logger
    }

    /// After which a connection nobody needs is closed, if it is not the last one.
    var idleTime: Duration { limits.idle }

    /// Whether every connection has something to do.
    var isBusy: Bool { state.withLock { !$0.connected.isEmpty && $0.idle.isEmpty } }

    // MARK: Jobs

    /// Runs `body` on a connection's thread.
    ///
    /// - Parameter isCancellable: whether cancelling the task stops the statement.
    func perform<R: Sendable>(
        isCancellable: Bool, _ body: @escaping @Sendable (Connection) throws -> R
    ) async -> Result<R, any Error> {
        let interrupt = Interrupt()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let job = Job(interrupt: interrupt) { connection in
                    let result = Result { try body(connection) }
                    return { continuation.resume(returning: result) }
                } refuse: { error in
                    continuation.resume(returning: .failure(error))
                }
                submit(job)
                if isCancellable, interrupt.isRequested { withdraw(interrupt) }
            }
        } onCancel: {
            guard isCancellable else { return }
            interrupt.request()
            withdraw(interrupt)
        }
    }

    private func submit(_ job: Job) {
        let refusal = state.withLock { state -> PostgresError? in
            if state.isClosed { return PostgresError(kind: .unreachable, detail: "the store is closed") }
            if let worker = state.idle.popLast() {
                state.assigned[ObjectIdentifier(worker)] = job
                worker.wakeUp.signal()
                return nil
            }
            if let trouble = state.trouble { return trouble }
            guard state.waiting.count < limits.waiting else {
                return PostgresError(kind: .unreachable, detail: "too many calls wait for a connection")
            }
            state.waiting.append(job)
            return nil
        }
        if let refusal { return job.refuse(refusal) }
        growIfNeeded()
        expire(job)
    }

    /// Refuses a job that still waits when its time is over.
    private func expire(_ job: Job) {
        let isWaiting = state.withLock { state in state.waiting.contains { $0.interrupt === job.interrupt } }
        guard isWaiting else { return }
        let wait = DispatchTimeInterval.milliseconds(Int(clamping: limits.acquireTimeout.storedMilliseconds))
        DispatchQueue.global().asyncAfter(deadline: .now() + wait) { [weak self] in
            self?.remove(job.interrupt)?.refuse(
                PostgresError(kind: .unreachable, detail: "no connection was free in time"))
        }
    }

    private func withdraw(_ interrupt: Interrupt) {
        remove(interrupt)?.refuse(PostgresError(kind: .cancelled, detail: "cancelled while it waited"))
    }

    private func remove(_ interrupt: Interrupt) -> Job? {
        state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.interrupt === interrupt }) else { return nil }
            return state.waiting.remove(at: index)
        }
    }

    // MARK: Workers

    private func growIfNeeded() {
        let isNeeded = state.withLock { state in
            !state.isClosed && state.connecting < state.waiting.count && state.workers.count < limits.connections
                && (state.connected.isEmpty || state.growsAfter <= .now)
        }
        if isNeeded { startWorker(after: .zero) }
    }

    private func startWorker(after delay: Duration) {
        do throws(PostgresError) {
            let worker = try Worker(pool: self, delay: delay)
            let isAdmitted = state.withLock { state in
                guard !state.isClosed, state.workers.count < limits.connections else { return false }
                state.workers[ObjectIdentifier(worker)] = worker
                return true
            }
            guard isAdmitted else { return }
            if !worker.start() { failed(worker, PostgresError(kind: .unreachable, detail: "no thread")) }
        } catch {
            refuseAll(
                state.withLock { state in
                    guard state.workers.isEmpty else { return [] }
                    defer { state.waiting.removeAll() }
                    return Array(state.waiting)
                }, error)
        }
    }

    func isWanted(_ worker: Worker) -> Bool { state.withLock { !$0.isClosed } }

    /// A worker has connected: what it shall do first.
    func connected(_ worker: Worker) -> Job? {
        let (job, hadTrouble) = state.withLock { state in
            state.connected.insert(ObjectIdentifier(worker))
            let hadTrouble = state.trouble != nil
            (state.trouble, state.failures) = (nil, 0)
            return (Self.takeJob(for: worker, &state), hadTrouble)
        }
        if hadTrouble { logger.info("The database can be reached again") }
        growIfNeeded()
        return job
    }

    /// What a worker does after a job.
    func next(after worker: Worker) -> Job? { state.withLock { Self.takeJob(for: worker, &$0) } }

    private static func takeJob(for worker: Worker, _ state: inout State) -> Job? {
        if let job = state.waiting.popFirst() { return job }
        state.idle.append(worker)
        // So that it looks whether it is still wanted.
        if state.isClosed { worker.wakeUp.signal() }
        return nil
    }

    enum Wake {
        case work(Job), rest, end
    }

    /// What a worker that slept shall do.
    ///
    /// - Parameter isTired: whether nobody has needed it for long.
    func woken(_ worker: Worker, isTired: Bool) -> Wake {
        let id = ObjectIdentifier(worker)
        var isLast = false
        let (wake, waiters) = state.withLock { state -> (Wake, [CheckedContinuation<Void, Never>]) in
            if let job = state.assigned.removeValue(forKey: id) { return (.work(job), []) }
            let isLeftOver = (isTired && state.connected.count > 1) || state.condemned.contains(id)
            guard state.isClosed || isLeftOver else { return (.rest, []) }
            defer { isLast = state.workers.isEmpty && !state.isClosed }
            return (.end, Self.forget(worker, &state))
        }
        for waiter in waiters { waiter.resume() }
        if isLast { startWorker(after: .zero) }
        return wake
    }

    /// An attempt to connect failed.
    func failed(_ worker: Worker, _ error: PostgresError) {
        var refused: [Job] = []
        let (retry, isNews, waiters) = state.withLock {
            state -> (Duration?, Bool, [CheckedContinuation<Void, Never>]) in
            let waiters = Self.forget(worker, &state)
            state.failures += 1
            state.growsAfter = .now + limits.backoff.last
            guard state.workers.isEmpty, !state.isClosed else { return (nil, false, waiters) }
            let isNews = state.trouble == nil
            state.trouble = error
            refused = Array(state.waiting)
            state.waiting.removeAll()
            return (backoff(state.failures), isNews, waiters)
        }
        for waiter in waiters { waiter.resume() }
        if isNews {
            logger.warning(
                "The database cannot be reached", metadata: ["error": "\(ChatError(storing: error).message)"])
        }
        refuseAll(refused, error)
        if let retry { startWorker(after: retry) }
    }

    /// A worker's connection broke.
    func lost(_ worker: Worker, _ error: PostgresError) {
        var unbegun: Job?
        let (isLast, waiters) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            // Given to it while the connection was breaking.
            unbegun = state.assigned.removeValue(forKey: ObjectIdentifier(worker))
            if let unbegun { state.waiting.prepend(unbegun) }
            if error.isSilent {
                for idle in state.idle {
                    state.condemned.insert(ObjectIdentifier(idle))
                    idle.wakeUp.signal()
                }
                state.idle.removeAll()
            }
            let waiters = Self.forget(worker, &state)
            return (state.workers.isEmpty && !state.isClosed, waiters)
        }
        for waiter in waiters { waiter.resume() }
        if let unbegun { expire(unbegun) }
        logger.debug("A connection to the database broke", metadata: ["error": "\(ChatError(storing: error).message)"])
        if isLast { startWorker(after: .zero) } else { growIfNeeded() }
    }

    private static func forget(_ worker: Worker, _ state: inout State) -> [CheckedContinuation<Void, Never>] {
        let id = ObjectIdentifier(worker)
        state.workers[id] = nil
        state.connected.remove(id)
        state.condemned.remove(id)
        state.idle.removeAll { $0 === worker }
        guard state.isClosed, state.connected.isEmpty else { return [] }
        defer { state.whenEmpty.removeAll() }
        return state.whenEmpty
    }

    private func backoff(_ failures: Int) -> Duration {
        let doubled = limits.backoff.first * (1 << min(max(failures - 1, 0), 10))
        // Many nodes that lost one server do not come back in step.
        return min(doubled, limits.backoff.last) * Double.random(in: 0.75...1.25)
    }

    private func refuseAll(_ jobs: [Job], _ error: PostgresError) {
        for job in jobs { job.refuse(error) }
    }

    // MARK: The end

    /// Refuses what waits and what comes, and lets what is under way end.
    func shutDown() {
        let (refused, workers) = state.withLock { state in
            state.isClosed = true
            defer { state.waiting.removeAll() }
            return (Array(state.waiting), Array(state.workers.values))
        }
        for worker in workers { worker.wakeUp.signal() }
        refuseAll(refused, PostgresError(kind: .unreachable, detail: "the store is closed"))
    }

    /// Waits until no connection is left after ``shutDown()``.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.connected.isEmpty { state.whenEmpty.append(continuation) }
                return state.connected.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}

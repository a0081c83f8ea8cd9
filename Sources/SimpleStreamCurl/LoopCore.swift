internal import CCurl
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What an ``EventLoop``'s thread works on.
///
/// A turn: take what other threads left, run it, run jobs, look at deadlines, wait for sockets, take finished transfers.
@safe
final class LoopCore: @unchecked Sendable {
    // Invariant: `inbox` and `thread` are for all threads; everything else is touched by the loop's thread only, but for
    // `executor`, which is set before that thread starts and never changes then.

    /// What an exchange may ask for from another thread.
    @safe
    enum Command {
        case start(Exchange)
        case unpause(Exchange)
        case close(Exchange, UnsafeContinuation<Void, Never>?)
    }

    @safe
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var commands: [Command] = []
        var isSleeping = false
        var isStopping = false
    }

    private let inbox = Mutex(Inbox())
    private let thread = Atomic<UInt>(0)

    let multi: CurlMulti
    private let driver: any LoopDriver
    /// The loop as jobs name it.
    ///
    /// A job that runs keeps the task that keeps the loop.
    var executor: UnownedTaskExecutor?

    private var jobs: [UnownedJob] = []
    /// What `jobs` was, while it runs; kept for its memory.
    private var runningJobs: [UnownedJob] = []
    private var commands: [Command] = []
    private var exchanges: [Exchange] = []
    /// No exchange is late before.
    private var nextDeadline = UInt64.max
    /// Whether libcurl is on the stack: it must not be called then.
    private var isInsideCurl = false
    /// The time of this turn, from before it waits for sockets.
    private(set) var now = MonotonicTime.now

    let threadEnded: @Sendable () -> Void

    init(_ multi: CurlMulti, _ driver: any LoopDriver, threadEnded: @escaping @Sendable () -> Void) {
        self.multi = multi
        self.driver = driver
        self.threadEnded = threadEnded
    }

    var isOnThread: Bool { thread.load(ordering: .relaxed) == Self.currentThread }

    /// Whether the caller may use libcurl now.
    var mayCallCurl: Bool { isOnThread && !isInsideCurl }

    // MARK: From any thread

    func enqueue(_ job: UnownedJob) {
        if isOnThread {
            jobs.append(job)
        } else {
            leave { $0.jobs.append(job) }
        }
    }

    func post(_ command: Command) {
        if isOnThread {
            commands.append(command)
        } else {
            leave { $0.commands.append(command) }
        }
    }

    func stop() { leave { $0.isStopping = true } }

    private func leave(_ what: (inout Inbox) -> Void) {
        let wasSleeping = inbox.withLock { inbox in
            what(&inbox)
            defer { inbox.isSleeping = false }
            return inbox.isSleeping
        }
        if wasSleeping { driver.wake() }
    }

    // MARK: On the loop's thread

    func run() {
        thread.store(Self.currentThread, ordering: .relaxed)
        while takeInbox() {
            runCommands()
            runJobs()
            if nextDeadline <= now { endLateExchanges() }
            let milliseconds = prepareToSleep()
            insideCurl { driver.turn(milliseconds: milliseconds) }
            now = MonotonicTime.now
            while let (exchange, code) = multi.nextFinished() { exchange.transferEnded(code) }
        }
        thread.store(0, ordering: .relaxed)
    }

    /// Adds a handle whose exchange is kept until ``remove(_:)``.
    func add(_ exchange: Exchange, _ handle: CurlHandle) -> Bool {
        let code = insideCurl { unsafe curl_multi_add_handle(multi.pointer, handle.pointer) }
        guard code == CURLM_OK else { return false }
        exchange.index = exchanges.count
        exchanges.append(exchange)
        watch(exchange)
        return true
    }

    /// Takes a handle out; a connection with an unfinished exchange closes now.
    func remove(_ exchange: Exchange, _ handle: CurlHandle) {
        handle.forbidReuse()
        insideCurl { _ = unsafe curl_multi_remove_handle(multi.pointer, handle.pointer) }
        let last = exchanges.removeLast()
        guard last !== exchange else { return }
        last.index = exchange.index
        exchanges[exchange.index] = last
    }

    func unpause(_ handle: CurlHandle) {
        insideCurl { handle.unpause() }
    }

    /// Makes sure that the exchange's present deadline is seen.
    func watch(_ exchange: Exchange) { nextDeadline = min(nextDeadline, exchange.deadline) }

    private func takeInbox() -> Bool {
        let isStopping = inbox.withLock { inbox in
            inbox.isSleeping = false
            if !inbox.jobs.isEmpty {
                jobs += inbox.jobs
                inbox.jobs.removeAll(keepingCapacity: true)
            }
            if !inbox.commands.isEmpty {
                commands += inbox.commands
                inbox.commands.removeAll(keepingCapacity: true)
            }
            return inbox.isStopping
        }
        return !(isStopping && jobs.isEmpty && commands.isEmpty)
    }

    private func runCommands() {
        while !commands.isEmpty {
            let batch = commands
            commands.removeAll(keepingCapacity: true)
            for command in batch {
                switch command {
                case .start(let exchange): exchange.startOnThread()
                case .unpause(let exchange): exchange.unpauseOnThread()
                case .close(let exchange, let continuation):
                    exchange.closeOnThread()
                    unsafe continuation?.resume()
                }
            }
        }
    }

    /// Runs the jobs that are there, and those they lead to, for some rounds: sockets must not starve.
    private func runJobs() {
        guard let executor = unsafe executor else { return }
        for _ in 0..<8 where !jobs.isEmpty {
            swap(&jobs, &runningJobs)
            for job in runningJobs { unsafe job.runSynchronously(on: executor) }
            runningJobs.removeAll(keepingCapacity: true)
        }
    }

    private func endLateExchanges() {
        let late = exchanges.filter { $0.deadline <= now }
        for exchange in late { exchange.deadlinePassed() }
        let next = exchanges.reduce(UInt64.max) { min($0, $1.deadline) }
        // Looking at all exchanges is cheap, but not on every turn.
        nextDeadline = next == .max ? .max : max(next, now + 5_000_000)
    }

    private func prepareToSleep() -> Int32 {
        guard jobs.isEmpty, commands.isEmpty else { return 0 }
        let mayWait = inbox.withLock { inbox in
            inbox.isSleeping = inbox.jobs.isEmpty && inbox.commands.isEmpty && !inbox.isStopping
            return inbox.isSleeping
        }
        guard mayWait else { return 0 }
        return nextDeadline == .max ? -1 : MonotonicTime.millisecondsUntil(nextDeadline)
    }

    private func insideCurl<R>(_ work: () -> R) -> R {
        let wasInside = isInsideCurl
        isInsideCurl = true
        defer { isInsideCurl = wasInside }
        return work()
    }

    private static var currentThread: UInt {
        #if canImport(Darwin)
        unsafe UInt(bitPattern: pthread_self())
        #else
        UInt(pthread_self())
        #endif
    }
}

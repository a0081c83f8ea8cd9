internal import CCurl
import SimpleStreamKit

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The thread that drives a transport's exchanges, as an executor.
///
/// Jobs enqueued from the thread itself run in the same turn and cost no system call. The thread ends when nobody
/// refers to the loop any more, which includes the tasks that prefer it.
final class EventLoop: TaskExecutor {
    /// How the thread waits for sockets.
    enum Mechanism: Sendable, CaseIterable {
        #if os(Linux)
        /// `curl_multi_socket_action` on epoll: the cost of a turn does not depend on the number of sockets.
        case epoll
        #endif
        /// `curl_multi_poll`, which works wherever libcurl does.
        case poll

        func driver(for multi: CurlMulti) throws(ChatError) -> any LoopDriver {
            switch self {
            #if os(Linux)
            case .epoll: try EpollDriver(multi)
            #endif
            case .poll: PollDriver(multi)
            }
        }

        /// The best one the system has.
        static var standard: Mechanism {
            #if os(Linux)
            .epoll
            #else
            .poll
            #endif
        }
    }

    let core: LoopCore

    convenience init(mechanism: Mechanism) throws(ChatError) {
        let multi = try CurlMulti()
        try self.init(multi, mechanism.driver(for: multi))
    }

    /// - Parameter threadEnded: called when the thread has ended and given up everything.
    init(
        _ multi: CurlMulti,
        _ driver: any LoopDriver,
        threadEnded: @escaping @Sendable () -> Void = {}
    ) throws(ChatError) {
        core = LoopCore(multi, driver, threadEnded: threadEnded)
        unsafe core.executor = asUnownedTaskExecutor()
        try Self.startThread(running: core)
    }

    deinit { core.stop() }

    func enqueue(_ job: consuming ExecutorJob) {
        // The job may end the last task that keeps this loop before `enqueue` returns: nothing after it uses `self`.
        let core = core
        core.enqueue(UnownedJob(job))
    }

    private static func startThread(running core: LoopCore) throws(ChatError) {
        let context = unsafe Unmanaged.passRetained(core)
        #if canImport(Darwin)
        var thread: pthread_t?
        let status = unsafe pthread_create(&thread, nil, { unsafe runLoop($0) }, context.toOpaque())
        #else
        var thread = pthread_t()
        let status = unsafe pthread_create(&thread, nil, { unsafe runLoop($0) }, context.toOpaque())
        #endif
        guard status == 0 else {
            unsafe context.release()
            throw ChatError(.internal, "The network thread could not be started.", detail: "pthread_create: \(status)")
        }
        #if canImport(Darwin)
        if let thread = unsafe thread { unsafe pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
    }
}

/// The thread's function.
private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let core = unsafe Unmanaged<LoopCore>.fromOpaque(context).takeRetainedValue()
    // A peer that leaves while TLS bytes are written must give an error and not end the process.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    unsafe ss_name_thread("ss-curl")
    core.run()
    let threadEnded = core.threadEnded
    _ = consume core
    threadEnded()
    return nil
}

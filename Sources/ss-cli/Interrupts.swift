import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Ctrl-C, SIGTERM and a terminal that goes away: the first is a wish, the second ends the process.
final class Interrupts: Sendable {
    private struct State {
        var count = 0
        var handler: (@Sendable () -> Void)?
        /// Puts the terminal back in order before the process ends.
        var cleanup: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Whether the user has asked to end.
    var isInterrupted: Bool { state.withLock { $0.count > 0 } }

    /// Takes over SIGINT, SIGTERM and SIGHUP, and lets writing to a closed pipe be an error instead of the end.
    func listen() {
        _ = signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let before = signal(number, SIG_IGN)
            // What nohup asked for holds.
            if number == SIGHUP, unsafe unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
                continue
            }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler { [self] in arrived() }
            source.resume()
            // Kept for as long as the process lives: there is no moment after which a signal does not matter.
            _ = unsafe Unmanaged.passRetained(source as AnyObject)
        }
    }

    /// Calls `handler` on the first signal, or now when it has come.
    ///
    /// Nil ends the process at the next signal.
    func onFirst(_ handler: (@Sendable () -> Void)?) {
        let isLate = state.withLock { state in
            state.handler = handler
            return state.count > 0
        }
        if isLate { handler?() }
    }

    /// Calls `cleanup` before a signal ends the process.
    func beforeExit(_ cleanup: (@Sendable () -> Void)?) {
        state.withLock { $0.cleanup = cleanup }
    }

    private func arrived() {
        let (handler, cleanup) = state.withLock { state in
            state.count += 1
            return (state.count == 1 ? state.handler : nil, state.cleanup)
        }
        if let handler { return handler() }
        cleanup?()
        // At once: what waits may be why the user asks twice.
        _exit(ExitStatus.interrupted.rawValue)
    }
}

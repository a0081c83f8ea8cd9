import Synchronization

/// Asks a statement to stop, from any thread.
final class Interrupt: Sendable {
    private struct State {
        var isRequested = false
        var wakeUp: WakeUp?
    }

    private let state = Mutex(State())

    var isRequested: Bool { state.withLock { $0.isRequested } }

    func request() {
        let wakeUp = state.withLock { state in
            state.isRequested = true
            return state.wakeUp
        }
        wakeUp?.signal()
    }

    /// Names the thread that works on it now.
    func attach(_ wakeUp: WakeUp?) { state.withLock { $0.wakeUp = wakeUp } }
}

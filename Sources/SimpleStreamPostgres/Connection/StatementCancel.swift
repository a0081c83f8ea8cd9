internal import CLibPQ
import Synchronization

/// One request to the server to stop what a connection is doing.
///
/// libpq's call blocks, perhaps for as long as the server is out of reach, so it has a thread of its own.
@safe
final class StatementCancel: @unchecked Sendable {
    // Invariant: `pointer` is used by the request's thread only, once, and freed with the last reference.
    private let pointer: OpaquePointer
    private let finished = Atomic<Bool>(false)

    init?(_ connection: OpaquePointer) {
        guard let pointer = unsafe PQgetCancel(connection) else { return nil }
        unsafe self.pointer = pointer
    }

    deinit { unsafe PQfreeCancel(pointer) }

    /// Whether the request has reached the server, or never will.
    var isFinished: Bool { finished.load(ordering: .acquiring) }

    /// Sends the request; `wakeUp` is signalled when that is done.
    func send(_ wakeUp: WakeUp) {
        let isStarted = startThread(named: "ss-pg-cancel") {
            var complaint = [CChar](repeating: 0, count: 256)
            // A request that fails is noticed by the statement's going on.
            _ = unsafe PQcancel(self.pointer, &complaint, Int32(complaint.count))
            self.finished.store(true, ordering: .releasing)
            wakeUp.signal()
        }
        if !isStarted { finished.store(true, ordering: .releasing) }
    }
}

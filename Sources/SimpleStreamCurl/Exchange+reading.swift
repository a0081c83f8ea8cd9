import HTTPTypes
import SimpleStreamKit
import Synchronization

/// The reader's side, on any thread.
extension Exchange {
    /// Begins the request.
    func start() {
        if core.mayCallCurl { startOnThread() } else { core.post(.start(self)) }
    }

    /// Ends the exchange for its reader and closes its connection as soon as the loop's thread gets to it.
    func cancel() {
        let waiter = unsafe state.withLock { state in
            state.end = .cancelled
            state.bytes = []
            return unsafe state.waiter.take()
        }
        unsafe waiter?.resume()
        unsafe core.post(.close(self, nil))
    }

    /// Returns when libcurl has let go of the exchange, and closed its connection unless it was complete.
    func close() async {
        guard !state.withLock({ $0.isClosed }) else { return }
        guard !core.mayCallCurl else { return closeOnThread() }
        unsafe await withUnsafeContinuation { unsafe core.post(.close(self, $0)) }
    }

    /// Waits for the response's head.
    func head() async throws(ChatError) -> HTTPResponse {
        while true {
            let (head, end) = state.withLock { ($0.head, $0.end) }
            if case .cancelled = end { throw Self.cancelled }
            if let head { return head }
            if case .failed(let error) = end { throw error }
            await wait { $0.head != nil || $0.end != nil }
        }
    }

    /// Waits for bytes and takes all there are; nil at the end.
    func nextChunk() async throws(ChatError) -> [UInt8]? {
        while true {
            let (bytes, wasPaused, end) = state.withLock { state in
                var bytes: [UInt8] = []
                swap(&bytes, &state.bytes)
                let wasPaused = state.isPaused
                state.isPaused = false
                return (bytes, wasPaused, state.end)
            }
            if wasPaused { unpause() }
            if !bytes.isEmpty { return bytes }
            switch end {
            case .complete: return nil
            case .failed(let error): throw error
            case .cancelled: throw Self.cancelled
            case nil: await wait { !$0.bytes.isEmpty || $0.end != nil }
            }
        }
    }

    private func unpause() {
        if core.mayCallCurl { unpauseOnThread() } else { core.post(.unpause(self)) }
    }

    /// Waits for a change, unless `isReady` already.
    private func wait(until isReady: (inout State) -> Bool) async {
        unsafe await withUnsafeContinuation { continuation in
            let waits = state.withLock { state in
                guard !isReady(&state) else { return false }
                unsafe state.waiter = continuation
                return true
            }
            if !waits { unsafe continuation.resume() }
        }
    }

    private static var cancelled: ChatError { ChatError(.cancelled, "The request was cancelled.") }
}

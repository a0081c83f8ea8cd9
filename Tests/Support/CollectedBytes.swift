package import Foundation
import Synchronization

/// The bytes of a stream as they come.
package final class CollectedBytes: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var hasEnded = false
        var waiters: [(condition: @Sendable (State) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let handle: FileHandle
    private let state = Mutex(State())

    private let lastWords: String?

    package init(_ handle: FileHandle, leavesAfter lastWords: String? = nil) {
        self.handle = handle
        self.lastWords = lastWords
    }

    package var text: String { String(decoding: state.withLock { $0.bytes }, as: UTF8.self) }

    /// Reads on a thread of its own.
    package func startReading() {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while state.withLock({ !$0.hasEnded }) {
                let count = unsafe read(handle.fileDescriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                // A terminal whose other end has closed reads as an error.
                guard count > 0 else { break }
                change { $0.bytes += buffer.prefix(count) }
                if let lastWords, text.contains(lastWords) {
                    // What cannot be closed was closed.
                    try? handle.close()
                    break
                }
            }
            change { $0.hasEnded = true }
        }
    }

    /// Waits until the stream holds `text`, or has ended.
    package func contains(_ text: String) async {
        await wait { $0.hasEnded || String(decoding: $0.bytes, as: UTF8.self).contains(text) }
    }

    /// Waits for the end.
    package func end() async { await wait { $0.hasEnded } }

    private func wait(_ condition: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isFulfilled = state.withLock { state in
                if condition(state) { return true }
                state.waiters.append((condition, continuation))
                return false
            }
            if isFulfilled { continuation.resume() }
        }
    }

    private func change(_ change: (inout State) -> Void) {
        let fulfilled = state.withLock { state in
            change(&state)
            let copy = state
            let fulfilled = state.waiters.filter { $0.condition(copy) }
            state.waiters.removeAll { $0.condition(copy) }
            return fulfilled.map(\.continuation)
        }
        for continuation in fulfilled { continuation.resume() }
    }
}

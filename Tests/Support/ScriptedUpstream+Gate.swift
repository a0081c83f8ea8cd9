import Synchronization

extension ScriptedUpstream {
    /// A number that only grows, and that tasks can wait for: the handshake between a test and its upstream.
    package final class Gate: Sendable {
        private struct State {
            var count = 0
            var nextID = 0
            var waiters: [Int: (target: Int, continuation: CheckedContinuation<Void, any Error>)] = [:]
        }

        private let state = Mutex(State())

        package init() {}

        /// The number now.
        package var count: Int { state.withLock { $0.count } }

        /// Lets everyone who shares the gate go `steps` further, and returns the new number.
        @discardableResult
        package func advance(by steps: Int = 1) -> Int {
            let (count, reached) = state.withLock { state in
                state.count += min(steps, Int.max - state.count)
                let reached = state.waiters.filter { $0.value.target <= state.count }
                for id in reached.keys { state.waiters[id] = nil }
                return (state.count, reached.values.map(\.continuation))
            }
            for continuation in reached { continuation.resume() }
            return count
        }

        /// Opens the gate for good.
        package func open() { advance(by: Int.max) }

        /// Waits until the number is `target` or more.
        ///
        /// - Throws: `CancellationError` when the task is cancelled.
        package func wait(for target: Int = 1) async throws {
            let id = state.withLock { state in
                state.nextID += 1
                return state.nextID
            }
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let isCancelled = Task.isCancelled
                    let isDone = state.withLock { state in
                        if isCancelled || state.count >= target { return true }
                        state.waiters[id] = (target, continuation)
                        return false
                    }
                    guard isDone else {
                        // The handler may have run between the check and the registration.
                        if Task.isCancelled { cancel(id) }
                        return
                    }
                    continuation.resume(with: isCancelled ? .failure(CancellationError()) : .success(()))
                }
            } onCancel: {
                cancel(id)
            }
        }

        private func cancel(_ id: Int) {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }
}

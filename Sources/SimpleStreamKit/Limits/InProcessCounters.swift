import Synchronization

/// Counts within one process, for a single node.
///
/// Memory is bounded: beyond ``init(maxKeys:now:)``'s number of open windows, those that end first are forgotten, an
/// eighth at a time. So who opens windows without end may get others' windows to end early, but never stops them.
public final class InProcessCounters: Counters {
    private struct Window {
        var taken: Int
        let end: ContinuousClock.Instant
    }

    private let windows = Mutex<[String: Window]>([:])
    private let maxKeys: Int
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Makes counters that have counted nothing.
    ///
    /// - Parameters:
    ///   - maxKeys: how many windows may be open, at least 8. Default 100 000, some 20 MB.
    ///   - now: the clock.
    public init(maxKeys: Int = 100_000, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.maxKeys = max(8, maxKeys)
        self.now = now
    }

    /// How many windows are held.
    package var count: Int { windows.withLock { $0.count } }

    public func take(
        _ amount: Int, from key: String, limit: Int, per window: Duration
    ) async throws(ChatError) -> CounterAnswer {
        let now = self.now()
        let amount = max(0, amount)
        return windows.withLock { windows in
            let open = windows[key].flatMap { $0.end > now ? $0 : nil }
            let left = max(0, limit) - min(open?.taken ?? 0, max(0, limit))
            let end = open?.end ?? now + max(window, .milliseconds(1))
            guard amount <= left else { return .refused(retryAfter: now.duration(to: end)) }
            if amount > 0 {
                if open == nil, windows.count >= maxKeys { Self.makeRoom(in: &windows, for: maxKeys, now: now) }
                windows[key] = Window(taken: (open?.taken ?? 0) + amount, end: end)
            }
            return .allowed(remaining: left - amount)
        }
    }

    public func giveBack(_ amount: Int, to key: String) async throws(ChatError) {
        let now = self.now()
        windows.withLock { windows in
            guard let open = windows[key], open.end > now else { return }
            windows[key]?.taken = max(0, open.taken - max(0, amount))
        }
    }

    /// Forgets windows that are over, and when they are too few, those that end first.
    private static func makeRoom(
        in windows: inout [String: Window], for maxKeys: Int, now: ContinuousClock.Instant
    ) {
        windows = windows.filter { $0.value.end > now }
        let most = maxKeys - maxKeys / 8
        guard windows.count > most else { return }
        let ends = windows.values.map(\.end).sorted()
        let bound = ends[windows.count - most - 1]
        windows = windows.filter { $0.value.end > bound }
    }
}

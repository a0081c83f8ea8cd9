/// Counts what callers spend against limits, for all nodes that share the counters.
///
/// A key's window begins with the first amount taken from it and lasts as long as that take said. When it is over, the
/// key is as if nothing had ever been taken. Counters are no records: they may be lost, and then count from zero.
///
/// Rules for every adapter:
/// - A take is one atomic step: of many at the same time, from any node, exactly as many are allowed as fit.
/// - A take that does not fit takes nothing.
/// - Keys are opaque text of at most 512 bytes; different keys never count together.
/// - Counters that are out of reach throw `storage_unavailable`; nothing is allowed unless it was counted. Whoever asks
///   refuses the request then: a broken counter refuses.
/// - Windows go by the counters' clock, which never runs backwards.
public protocol Counters: Sendable {
    /// Takes `amount` from what `limit` leaves in the key's window.
    ///
    /// - Parameters:
    ///   - amount: 0 or more; 0 only asks and begins no window.
    ///   - window: how long a window lasts that begins now, at least 1 ms. An open one keeps its end.
    func take(
        _ amount: Int, from key: String, limit: Int, per window: Duration
    ) async throws(ChatError) -> CounterAnswer

    /// Gives back a part of what was taken in the window that is open; what is left taken is never less than zero.
    ///
    /// Without an open window nothing happens.
    func giveBack(_ amount: Int, to key: String) async throws(ChatError)
}

/// Whether a take was allowed.
public enum CounterAnswer: Sendable, Hashable {
    /// Taken. What the window still has, zero or more.
    case allowed(remaining: Int)
    /// Not taken. When the window ends; an amount beyond the whole limit is refused then, too.
    case refused(retryAfter: Duration)
}

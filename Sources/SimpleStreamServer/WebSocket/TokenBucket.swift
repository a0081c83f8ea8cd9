package import NIOCore

/// Allows a burst, then a steady rate.
///
/// A value: time comes in as an argument.
package struct TokenBucket: Sendable {
    private let capacity: Double
    private let perSecond: Double
    private var tokens: Double
    private var last: NIODeadline?

    /// Makes a full bucket.
    ///
    /// - Parameters:
    ///   - capacity: how many may come at once.
    ///   - perSecond: how many come back each second.
    package init(capacity: Int, perSecond: Double) {
        self.capacity = Double(capacity)
        self.perSecond = perSecond
        self.tokens = Double(capacity)
    }

    /// Takes one token, or answers false when there is none left.
    package mutating func take(at now: NIODeadline) -> Bool {
        refill(at: now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// Takes tokens for what has happened already, also those that are not there yet.
    ///
    /// - Returns: how long it takes until the last of them has come back; nil when all were there.
    package mutating func spend(_ count: Int, at now: NIODeadline) -> TimeAmount? {
        refill(at: now)
        tokens -= Double(count)
        guard tokens < 0 else { return nil }
        let nanoseconds = min(-tokens / perSecond * 1e9, 1e18)
        return .nanoseconds(Int64(exactly: nanoseconds.rounded(.up)) ?? .max)
    }

    private mutating func refill(at now: NIODeadline) {
        if let last, now > last {
            let seconds = Double((now - last).nanoseconds) / 1e9
            tokens = min(capacity, tokens + seconds * perSecond)
        }
        last = now
    }
}

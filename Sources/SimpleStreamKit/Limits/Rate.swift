/// So much in such a time.
public struct Rate: Sendable, Hashable {
    /// How much one window allows.
    public var limit: Int
    /// How long a window lasts.
    public var window: Duration

    /// Makes a rate.
    public init(_ limit: Int, per window: Duration) {
        self.limit = limit
        self.window = window
    }

    /// So many a second.
    public static func perSecond(_ limit: Int) -> Rate { Rate(limit, per: .seconds(1)) }
    /// So many a minute.
    public static func perMinute(_ limit: Int) -> Rate { Rate(limit, per: .seconds(60)) }
    /// So many an hour.
    public static func perHour(_ limit: Int) -> Rate { Rate(limit, per: .seconds(3600)) }
}

extension Counters {
    /// Spends `amount` at a rate.
    ///
    /// - Parameter message: a sentence for the user when it is too much.
    /// - Throws: `rate_limited` with the time to wait, or what the counters throw: then nothing may be done either.
    /// - Returns: what is left.
    @discardableResult
    public func spend(
        _ amount: Int = 1, from key: String, at rate: Rate, orSay message: @autoclosure () -> String
    ) async throws(ChatError) -> Int {
        switch try await take(amount, from: key, limit: rate.limit, per: rate.window) {
        case .allowed(let remaining): return remaining
        case .refused(let delay):
            throw ChatError(.rateLimited, message(), retryAfter: max(delay, .milliseconds(1)))
        }
    }
}

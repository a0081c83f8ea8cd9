/// How long to wait before the next try: doubled each time, up to a limit, and never the same for two nodes.
struct Backoff {
    private static let first = Duration.milliseconds(50)

    private let limit: Duration
    private var tries = 0

    init(limit: Duration) { self.limit = limit }

    /// - Parameter chance: from 0 to 1; the wait is from half of its full length to all of it.
    mutating func next(chance: Double = .random(in: 0...1)) -> Duration {
        let full = min(Self.first * (1 << min(tries, 10)), limit)
        tries += 1
        return full * (0.5 + chance / 2)
    }

    mutating func reset() { tries = 0 }
}

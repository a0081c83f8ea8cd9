public import SimpleStreamKit

/// The rules of every ``Counters``.
///
/// No check depends on how long a step takes: with a real clock, `advance` sleeps, and windows that must stay open are
/// ten minutes long.
public enum CountersConformance {
    /// Lets the counters' clock go on by at least so much.
    public typealias Advance = @Sendable (Duration) async throws -> Void

    public struct Check: Sendable, CustomStringConvertible {
        public let description: String
        let body: @Sendable (any Counters, Advance) async throws -> Void

        /// Runs the check on counters that may be shared with others.
        ///
        /// Throws ``ConformanceFailure``.
        public func run(_ counters: any Counters, advance: @escaping Advance) async throws {
            try await body(counters, advance)
        }
    }

    private static let long = Duration.seconds(600)
    private static let short = Duration.milliseconds(100)

    public static let checks = [
        Check(description: "as much is allowed as fits, and not more") { counters, _ in
            let key = UUIDv7.make()
            try requireEqual(await counters.take(2, from: key, limit: 5, per: long), .allowed(remaining: 3))
            try require(isRefused(try await counters.take(4, from: key, limit: 5, per: long)))
            try requireEqual(await counters.take(3, from: key, limit: 5, per: long), .allowed(remaining: 0))
            try require(isRefused(try await counters.take(1, from: key, limit: 5, per: long)))
            try requireEqual(await counters.take(0, from: key, limit: 5, per: long), .allowed(remaining: 0))
        },
        Check(description: "a refusal names a time within the window") { counters, _ in
            let key = UUIDv7.make()
            _ = try await counters.take(1, from: key, limit: 1, per: long)
            for limit in [1, 0] {
                guard case .refused(let delay) = try await counters.take(1, from: key, limit: limit, per: long) else {
                    throw ConformanceFailure(description: "allowed beyond the limit")
                }
                try require(delay > .zero && delay <= long, "retry after \(delay)")
            }
            let untouched = try await counters.take(3, from: UUIDv7.make(), limit: 2, per: long)
            guard case .refused(let delay) = untouched else {
                throw ConformanceFailure(description: "allowed beyond the limit")
            }
            try require(delay > .zero && delay <= long, "retry after \(delay)")
        },
        Check(description: "when a window is over, the next begins") { counters, advance in
            let key = UUIDv7.make()
            for _ in 0..<3 {
                try requireEqual(await counters.take(1, from: key, limit: 1, per: short), .allowed(remaining: 0))
                try await advance(short * 2)
            }
        },
        Check(description: "a refused take neither takes nor moves the window's end") { counters, advance in
            let key = UUIDv7.make()
            _ = try await counters.take(1, from: key, limit: 1, per: short)
            _ = try await counters.take(1, from: key, limit: 1, per: long)
            try await advance(short * 2)
            try requireEqual(await counters.take(1, from: key, limit: 1, per: long), .allowed(remaining: 0))
        },
        Check(description: "asking begins no window") { counters, advance in
            let key = UUIDv7.make()
            try requireEqual(await counters.take(0, from: key, limit: 2, per: long), .allowed(remaining: 2))
            _ = try await counters.take(2, from: key, limit: 2, per: short)
            try await advance(short * 2)
            try requireEqual(await counters.take(0, from: key, limit: 2, per: long), .allowed(remaining: 2))
        },
        Check(description: "keys count apart") { counters, _ in
            let key = UUIDv7.make()
            let keys = [key, key + ":", key + " ", key + "*", key + "\n", key + "é", key.uppercased() + "x"]
            for key in keys {
                try requireEqual(await counters.take(1, from: key, limit: 1, per: long), .allowed(remaining: 0))
            }
            for key in keys { try require(isRefused(try await counters.take(1, from: key, limit: 1, per: long))) }
        },
        Check(description: "another limit counts the same window") { counters, _ in
            let key = UUIDv7.make()
            try requireEqual(await counters.take(3, from: key, limit: 3, per: long), .allowed(remaining: 0))
            try requireEqual(await counters.take(1, from: key, limit: 10, per: long), .allowed(remaining: 6))
            try require(isRefused(try await counters.take(1, from: key, limit: 2, per: long)))
            // Less than was taken: nothing is left, not less than nothing.
            try requireEqual(await counters.take(0, from: key, limit: 2, per: long), .allowed(remaining: 0))
        },
        Check(description: "what is given back can be taken again") { counters, _ in
            let key = UUIDv7.make()
            _ = try await counters.take(3, from: key, limit: 3, per: long)
            try await counters.giveBack(2, to: key)
            try requireEqual(await counters.take(1, from: key, limit: 3, per: long), .allowed(remaining: 1))
            try await counters.giveBack(100, to: key)
            try requireEqual(await counters.take(0, from: key, limit: 3, per: long), .allowed(remaining: 3))
            try requireEqual(await counters.take(3, from: key, limit: 3, per: long), .allowed(remaining: 0))
        },
        Check(description: "giving back to a window that is over changes nothing") { counters, advance in
            let key = UUIDv7.make()
            try await counters.giveBack(5, to: key)
            try requireEqual(await counters.take(1, from: key, limit: 1, per: short), .allowed(remaining: 0))
            try await advance(short * 2)
            try await counters.giveBack(1, to: key)
            try requireEqual(await counters.take(1, from: key, limit: 1, per: long), .allowed(remaining: 0))
            try require(isRefused(try await counters.take(1, from: key, limit: 1, per: long)))
        },
        Check(description: "of many at once exactly as many are allowed as fit") { counters, _ in
            let key = UUIDv7.make()
            let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 {
                    group.addTask { !isRefused(try await counters.take(2, from: key, limit: 61, per: long)) }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            try requireEqual(allowed, 30)
            try requireEqual(await counters.take(1, from: key, limit: 61, per: long), .allowed(remaining: 0))
        },
        Check(description: "large amounts do not overflow") { counters, _ in
            let key = UUIDv7.make()
            let large = 1 << 50
            try requireEqual(await counters.take(large, from: key, limit: large + 1, per: long), .allowed(remaining: 1))
            try require(isRefused(try await counters.take(large, from: key, limit: large + 1, per: long)))
        },
    ]

    private static func isRefused(_ answer: CounterAnswer) -> Bool {
        if case .refused = answer { true } else { false }
    }
}

import Synchronization
import TestSupport
import Testing

@testable import SimpleStreamKit

@Suite struct InProcessCountersTests {
    private final class TestTime: Sendable {
        private let passed = Mutex(Duration.zero)
        private let start = ContinuousClock.now

        var now: @Sendable () -> ContinuousClock.Instant {
            { self.start + self.passed.withLock { $0 } }
        }

        func advance(_ duration: Duration) { passed.withLock { $0 += duration } }
    }

    @Test(arguments: CountersConformance.checks)
    func conforms(_ check: CountersConformance.Check) async throws {
        let time = TestTime()
        try await check.run(InProcessCounters(now: time.now)) { time.advance($0) }
    }

    @Test func windowsEndToTheMoment() async throws {
        let time = TestTime()
        let counters = InProcessCounters(now: time.now)
        _ = try await counters.take(1, from: "a", limit: 1, per: .seconds(10))
        time.advance(.seconds(9))
        #expect(try await counters.take(1, from: "a", limit: 1, per: .seconds(10)) == .refused(retryAfter: .seconds(1)))
        time.advance(.seconds(1))
        #expect(try await counters.take(1, from: "a", limit: 1, per: .seconds(10)) == .allowed(remaining: 0))
    }

    @Test func memoryIsBounded() async throws {
        let time = TestTime()
        let counters = InProcessCounters(maxKeys: 64, now: time.now)
        for index in 0..<1000 {
            let window = Duration.seconds(index % 2 == 0 ? 10 : 1000)
            _ = try await counters.take(1, from: "key \(index)", limit: 1, per: window)
            #expect(counters.count <= 64)
        }
        // Those that would have lasted longest are remembered.
        guard case .refused = try await counters.take(1, from: "key 999", limit: 1, per: .seconds(1)) else {
            Issue.record("forgotten")
            return
        }
        time.advance(.seconds(2000))
        for index in 0..<64 { _ = try await counters.take(1, from: "new \(index)", limit: 1, per: .seconds(1)) }
        #expect(counters.count == 64)
    }

    @Test func spendingSaysHowLongToWait() async throws {
        let time = TestTime()
        let counters = InProcessCounters(now: time.now)
        #expect(try await counters.spend(from: "a", at: .perMinute(2), orSay: "Too many.") == 1)
        #expect(try await counters.spend(from: "a", at: .perMinute(2), orSay: "Too many.") == 0)
        time.advance(.seconds(50))
        let error = await #expect(throws: ChatError.self) {
            try await counters.spend(from: "a", at: .perMinute(2), orSay: "Too many.")
        }
        #expect(error?.code == .rateLimited)
        #expect(error?.message == "Too many.")
        #expect(error?.retryAfter == .seconds(10))
        #expect(error?.isRetryable == true)
    }
}

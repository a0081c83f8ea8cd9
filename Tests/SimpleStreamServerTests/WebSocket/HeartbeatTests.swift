import NIOCore
import Testing

@testable import SimpleStreamServer

@Suite struct HeartbeatTests {
    private func second(_ second: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(second) }

    @Test func beatsAtEveryIntervalAndGivesUpAfterTwoSilentOnes() {
        var heartbeat = Heartbeat(every: .seconds(25), startingAt: second(0))
        #expect(heartbeat.nextTick == second(25))
        #expect(heartbeat.tick(at: second(10)) == .nothing)
        #expect(heartbeat.tick(at: second(25)) == .beat)
        #expect(heartbeat.tick(at: second(49)) == .nothing)
        #expect(heartbeat.tick(at: second(50)) == .giveUp)
    }

    @Test func aPeerThatSpeaksIsKept() {
        var heartbeat = Heartbeat(every: .seconds(25), startingAt: second(0))
        for beat in 1...20 {
            let now = second(Int64(beat) * 25)
            #expect(heartbeat.tick(at: now) == .beat)
            heartbeat.heard(at: now)
            #expect(heartbeat.nextTick == now + .seconds(25))
        }
    }

    @Test func aBucketAllowsABurstThenARate() {
        var bucket = TokenBucket(capacity: 3, perSecond: 2)
        let burst = (0..<5).map { _ in bucket.take(at: second(0)) }
        #expect(burst == [true, true, true, false, false])
        let later = (0..<3).map { _ in bucket.take(at: second(1)) }
        #expect(later == [true, true, false])
        let muchLater = (0..<4).map { _ in bucket.take(at: second(100)) }
        #expect(muchLater == [true, true, true, false])
    }

    @Test func aBucketTellsWhenADebtIsPaid() {
        var bucket = TokenBucket(capacity: 10, perSecond: 2)
        #expect(bucket.spend(10, at: second(0)) == nil)
        #expect(bucket.spend(3, at: second(0)) == .milliseconds(1500))
        #expect(bucket.spend(1, at: second(1)) == .seconds(1))
        let mayTake = bucket.take(at: second(2))
        #expect(!mayTake)
        #expect(bucket.spend(10, at: second(100)) == nil)
        // Whatever comes, and however slowly it is paid back.
        #expect(bucket.spend(.max, at: second(100)) != nil)
        var empty = TokenBucket(capacity: 0, perSecond: 0)
        #expect(empty.spend(1, at: second(0)) != nil)
    }
}

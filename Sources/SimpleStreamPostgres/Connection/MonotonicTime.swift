#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A moment of the clock that never goes back.
struct MonotonicTime: Comparable, Sendable {
    private let nanoseconds: UInt64

    static var now: MonotonicTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment after a duration, which counts as 0 to a hundred years.
    static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return time }
        let wait = UInt64(min(seconds, 3_000_000_000)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        return MonotonicTime(nanoseconds: time.nanoseconds &+ wait)
    }

    /// Milliseconds since an earlier moment.
    func milliseconds(since earlier: MonotonicTime) -> Int64 {
        Int64(clamping: (nanoseconds &- min(earlier.nanoseconds, nanoseconds)) / 1_000_000)
    }

    /// For `poll`: rounded up, 0 when it has passed, at most a day.
    var millisecondsLeft: Int32 {
        let now = MonotonicTime.now.nanoseconds
        guard nanoseconds > now else { return 0 }
        return Int32(min((nanoseconds - now + 999_999) / 1_000_000, 86_400_000))
    }
}

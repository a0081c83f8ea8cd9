#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Nanoseconds of the clock that never goes back, as a plain number.
enum MonotonicTime {
    static var now: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Rounded up, 0 when it has passed, at most a day.
    static func millisecondsUntil(_ time: UInt64) -> Int32 {
        let now = now
        guard time > now else { return 0 }
        return Int32(min((time - now + 999_999) / 1_000_000, 86_400_000))
    }

    /// Nanoseconds of a duration: 0 for a negative one, and at most some hundred years.
    static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(min(seconds, 10_000_000_000)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}

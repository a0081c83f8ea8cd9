#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Date {
    /// Milliseconds since 1970, as events tell times.
    package var milliseconds: Int { Int(exactly: (timeIntervalSince1970 * 1000).rounded()) ?? 0 }

    /// As REST tells times: ISO 8601 in UTC, with the milliseconds that events have.
    package var iso8601: String {
        // Formatting cuts: a fraction that a binary number has a little too small would lose a millisecond.
        asStored.addingTimeInterval(0.000_25).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    package var milliseconds: Int {
        let (seconds, attoseconds) = components
        let (milliseconds, overflow) = Int(seconds).multipliedReportingOverflow(by: 1000)
        return overflow ? .max : milliseconds &+ Int(attoseconds / 1_000_000_000_000_000)
    }
}

extension [UInt8] {
    package var base64: String { Data(self).base64EncodedString() }
}

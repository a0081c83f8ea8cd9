#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Date {
    /// Milliseconds since 1970, as events tell times.
    package var milliseconds: Int { Int(exactly: (timeIntervalSince1970 * 1000).rounded()) ?? 0 }
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

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif
import Synchronization

/// Makes ids that sort by when they were made: RFC 9562, version 7, in lower case.
package enum UUIDv7 {
    private static let generator = Mutex(Generator())

    /// A new id, greater than every id this process made before.
    package static func make() -> String {
        let now = Date().storedMilliseconds
        let random = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
        let (high, low) = generator.withLock { $0.next(milliseconds: now, random: random) }
        return text(high, low)
    }

    /// What ids made at that time or later are not below.
    package static func lowest(at time: Date) -> String {
        text((UInt64(clamping: time.storedMilliseconds) & 0xFFFF_FFFF_FFFF) << 16, 0)
    }

    /// Whether `text` is written like an id of ours: 36 characters, lower-case hex in groups of 8-4-4-4-12.
    package static func isWellFormed(_ text: String) -> Bool {
        var length = 0
        for byte in text.utf8 {
            switch length {
            case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return false }
            default: guard isLowerHex(byte) else { return false }
            }
            length += 1
            if length > 36 { return false }
        }
        return length == 36
    }

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(36)
        for word in [high, low] {
            for nibble in 0..<16 {
                let isGroupStart = bytes.count == 8 || bytes.count == 13 || bytes.count == 18 || bytes.count == 23
                if isGroupStart { bytes.append(UInt8(ascii: "-")) }
                bytes.append(digits[Int((word >> (60 - 4 * UInt64(nibble))) & 0xF)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The order of ids: a clock, and a counter for ids of one millisecond.
    ///
    /// A clock that stands still or goes back does not bring the ids back: the last millisecond goes on being used.
    struct Generator {
        private var last: UInt64 = 0
        private var counter: UInt64 = 0

        /// The two halves of the next id.
        ///
        /// - Parameters:
        ///   - milliseconds: since 1970.
        ///   - random: the first seeds the counter, the second fills the id's tail.
        mutating func next(milliseconds: Int64, random: (UInt64, UInt64)) -> (high: UInt64, low: UInt64) {
            let now = UInt64(clamping: milliseconds) & 0xFFFF_FFFF_FFFF
            if now > last {
                last = now
                // The upper half is left free, so that at least 2048 ids fit in one millisecond.
                counter = random.0 & 0x7FF
            } else if counter < 0xFFF {
                counter += 1
            } else {
                last += 1
                counter = random.0 & 0x7FF
            }
            let high = last << 16 | 0x7000 | counter
            let low = 0x8000_0000_0000_0000 | (random.1 & 0x3FFF_FFFF_FFFF_FFFF)
            return (high, low)
        }
    }
}

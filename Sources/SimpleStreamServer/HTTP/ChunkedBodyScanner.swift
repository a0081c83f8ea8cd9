import NIOCore

/// Finds the end of a chunked body in the bytes (RFC 9112 section 7.1), strictly.
///
/// The parser behind it decodes the chunks; this one only says where the next request would begin.
struct ChunkedBodyScanner {
    enum Outcome: Equatable {
        case needsMore
        /// The body ends after that many of the bytes.
        case complete(Int)
        case malformed
    }

    private enum Place {
        case size
        case sizeExtension
        case sizeLF
        case data
        case dataCR
        case dataLF
        case trailerStart
        case trailer
        case trailerLF
        case endLF
    }

    /// Chunk extensions and trailers mean nothing to us; this many bytes of them are skipped.
    private static let spareBytes = 8 * 1024

    private var place = Place.size
    private var digits = 0
    private var remaining = 0
    private var spare = 0

    mutating func scan(_ bytes: ByteBufferView) -> Outcome {
        var rest = bytes
        while let byte = rest.first {
            if case .data = place {
                let count = min(remaining, rest.count)
                remaining -= count
                rest = rest.dropFirst(count)
                if remaining == 0 { place = .dataCR }
                continue
            }
            rest = rest.dropFirst()
            guard let isComplete = take(byte) else { return .malformed }
            if isComplete { return .complete(bytes.count - rest.count) }
        }
        return .needsMore
    }

    /// - Returns: whether the body is complete; nil when the byte cannot stand here.
    private mutating func take(_ byte: UInt8) -> Bool? {
        let isCR = byte == UInt8(ascii: "\r")
        let isLF = byte == UInt8(ascii: "\n")
        switch place {
        case .size:
            if let digit = Self.hexDigit(byte), digits < 8 {
                digits += 1
                remaining = remaining << 4 | digit
                return false
            }
            guard digits > 0 else { return nil }
            if isCR {
                place = .sizeLF
            } else if byte == UInt8(ascii: ";") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                place = .sizeExtension
            } else {
                return nil
            }
        case .sizeExtension:
            if isCR { place = .sizeLF } else if isLF || !countSpare() { return nil }
        case .sizeLF:
            guard isLF else { return nil }
            place = remaining == 0 ? .trailerStart : .data
            digits = 0
        case .data: return nil
        case .dataCR:
            guard isCR else { return nil }
            place = .dataLF
        case .dataLF:
            guard isLF else { return nil }
            place = .size
        case .trailerStart:
            if isCR { place = .endLF } else if isLF || !countSpare() { return nil } else { place = .trailer }
        case .trailer:
            if isCR { place = .trailerLF } else if isLF || !countSpare() { return nil }
        case .trailerLF:
            guard isLF else { return nil }
            place = .trailerStart
        case .endLF:
            return isLF ? true : nil
        }
        return false
    }

    private mutating func countSpare() -> Bool {
        spare += 1
        return spare <= Self.spareBytes
    }

    private static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte) - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte) - 55
        default: nil
        }
    }
}

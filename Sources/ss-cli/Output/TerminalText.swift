/// Makes text safe to show: what would command a terminal, or hide or reorder text, is shown instead of sent.
///
/// A value that is fed piece by piece, since a line break may be cut in two.
struct TerminalText {
    private var endsWithReturn = false

    /// The whole of `text`, made safe.
    static func visible(_ text: String) -> String {
        var filter = TerminalText()
        return filter.take(text) + filter.end()
    }

    /// `text` on one line.
    static func line(_ text: String) -> String {
        visible(String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 }))
    }

    /// The next piece, made safe.
    mutating func take(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if endsWithReturn {
                endsWithReturn = false
                // A line break of two characters is one; a lone return would go back over the line.
                if scalar != "\n" { result += "␍" }
            }
            switch scalar {
            case "\r": endsWithReturn = true
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default: Self.append(scalar, to: &result)
            }
        }
        return result
    }

    /// What is still to be shown when nothing follows.
    mutating func end() -> String {
        defer { endsWithReturn = false }
        return endsWithReturn ? "␍" : ""
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar.value {
        case 0x00...0x1F:
            // The pictures of the control characters stand in their order.
            result.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
        case 0x7F:
            result += "␡"
        case 0x80...0x9F, 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB,
            0xE0000...0xE007F:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            result += "<U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)>"
        default:
            result.unicodeScalars.append(scalar)
        }
    }
}

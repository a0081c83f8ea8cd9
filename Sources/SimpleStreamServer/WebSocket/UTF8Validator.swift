/// Checks UTF-8 that arrives in pieces and knows at the first byte that cannot be right.
///
/// Overlong forms, surrogates and code points beyond U+10FFFF are refused by narrowing the range of the second byte
/// (Unicode, table 3-7).
struct UTF8Validator: Equatable {
    private var missing = 0
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    /// Whether what was consumed so far does not end inside a character.
    var isComplete: Bool { missing == 0 }

    /// Takes the bytes from an offset to the end.
    ///
    /// - Returns: false at the first bad byte; the validator must not be used after that.
    mutating func consume(_ bytes: [UInt8], from start: Int = 0) -> Bool {
        unsafe bytes.withUnsafeBytes { all in
            var index = start
            while index < all.count {
                // Eight ASCII bytes at a time, inside the array by the condition.
                if missing == 0, index + 8 <= all.count,
                    unsafe all.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    index += 8
                    continue
                }
                guard unsafe consume(all[index]) else { return false }
                index += 1
            }
            return true
        }
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard missing == 0 else {
            guard byte >= lower, byte <= upper else { return false }
            missing -= 1
            (lower, upper) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, lower) = (2, 0xA0)
        case 0xED: (missing, upper) = (2, 0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, lower) = (3, 0x90)
        case 0xF4: (missing, upper) = (3, 0x8F)
        case 0xF1...0xF3: missing = 3
        default: return false
        }
        return true
    }
}

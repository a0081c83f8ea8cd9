/// Searches eight bytes at a time. Ranges are clamped to the array.
extension [UInt8] {
    /// The first byte in `range` that is `byte`.
    package func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        let pattern = Lanes.repeating(byte)
        return firstIndex(in: range) { Lanes.zero($0 ^ pattern) }
    }

    /// The first carriage return or line feed in `range`.
    package func firstLineBreak(in range: Range<Int>) -> Int? {
        firstIndex(in: range) { Lanes.zero($0 ^ Lanes.lineFeed) | Lanes.zero($0 ^ Lanes.carriageReturn) }
    }

    /// The first quotation mark or backslash in `range`.
    package func firstQuoteOrBackslash(in range: Range<Int>) -> Int? {
        firstIndex(in: range) { Lanes.zero($0 ^ Lanes.quote) | Lanes.zero($0 ^ Lanes.backslash) }
    }

    /// The first byte in `range` that cannot stand for itself in a JSON string.
    package func firstNeedingEscape(in range: Range<Int>) -> Int? {
        firstIndex(in: range, where: Lanes.needEscape)
    }

    /// How many bytes from the start of `range` on are those of `text`.
    package func commonPrefix(in range: Range<Int>, with text: String) -> Int {
        let range = range.clamped(to: indices)
        let fast: Int? = unsafe text.utf8.withContiguousStorageIfAvailable { text in
            var length = 0
            let end = Swift.min(range.count, text.count)
            // Sound: read only while the closure runs, below both counts.
            while length < end, unsafe self[range.lowerBound + length] == text[length] { length += 1 }
            return length
        }
        if let fast { return fast }
        return zip(self[range], text.utf8).prefix { $0 == $1 }.count
    }

    /// Whether `range` holds exactly the bytes of `text`.
    package func holds(_ text: String, in range: Range<Int>) -> Bool {
        range.count == text.utf8.count && commonPrefix(in: range, with: text) == range.count
    }

    @inline(__always)
    private func firstIndex(in range: Range<Int>, where match: (UInt64) -> UInt64) -> Int? {
        let range = range.clamped(to: indices)
        return unsafe withUnsafeBytes { bytes in
            // Sound: the range was clamped to these bytes.
            unsafe ByteScan.firstIndex(in: bytes, range, where: match)
        }
    }
}

/// The loop under the searches.
enum ByteScan {
    /// The first byte in `range` whose lane `match` sets. `range` lies within `bytes`.
    @inline(__always)
    static func firstIndex(
        in bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        where match: (UInt64) -> UInt64
    ) -> Int? {
        var index = range.lowerBound
        while range.upperBound - index >= 8 {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let found = match(UInt64(littleEndian: word))
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < range.upperBound {
            // A byte repeated in all lanes is found in the first one or not at all.
            if match(Lanes.repeating(unsafe bytes[index])) != 0 { return index }
            index += 1
        }
        return nil
    }
}

/// Eight bytes in one word. A result's lowest set bit marks the first lane that matched; the bits above mean nothing.
enum Lanes {
    static var lineFeed: UInt64 { 0x0A0A_0A0A_0A0A_0A0A }
    static var carriageReturn: UInt64 { 0x0D0D_0D0D_0D0D_0D0D }
    static var quote: UInt64 { 0x2222_2222_2222_2222 }
    static var backslash: UInt64 { 0x5C5C_5C5C_5C5C_5C5C }

    @inline(__always)
    static func repeating(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

    /// Marks lanes that are zero.
    @inline(__always)
    static func zero(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }

    /// Marks lanes below a space, quotation marks and backslashes.
    @inline(__always)
    static func needEscape(_ word: UInt64) -> UInt64 {
        let control = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
        return control | zero(word ^ quote) | zero(word ^ backslash)
    }
}

/// The text between a JSON string's quotation marks.
enum JSONUnescaping {
    /// Decodes what stands in `range`, which has no quotation mark but escaped ones.
    static func string(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        _ options: JSONOptions
    ) throws(JSONError) -> String {
        guard let first = bytes.firstIndex(of: UInt8(ascii: "\\"), in: range) else {
            return try text(bytes[range], at: range.lowerBound, options)
        }
        var plain: [UInt8] = []
        plain.reserveCapacity(range.count)
        var start = range.lowerBound
        var next: Int? = first
        while let escape = next {
            plain += bytes[start..<escape]
            start = try appendEscape(bytes, escape..<range.upperBound, options, to: &plain)
            next = bytes.firstIndex(of: UInt8(ascii: "\\"), in: start..<range.upperBound)
        }
        plain += bytes[start..<range.upperBound]
        return try text(plain[...], at: range.lowerBound, options)
    }

    private static func text(
        _ bytes: ArraySlice<UInt8>,
        at offset: Int,
        _ options: JSONOptions
    ) throws(JSONError) -> String {
        guard options.refusesBadText else { return String(decoding: bytes, as: UTF8.self) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw JSONError(.badUTF8, at: offset) }
        return text
    }

    /// Appends what the escape at the range's start means and returns where the text goes on.
    private static func appendEscape(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        _ options: JSONOptions,
        to plain: inout [UInt8]
    ) throws(JSONError) -> Int {
        let position = range.lowerBound
        guard range.count >= 2 else { throw JSONError(.badEscape, at: position) }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""): plain.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): plain.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): plain.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): plain.append(0x08)
        case UInt8(ascii: "f"): plain.append(0x0C)
        case UInt8(ascii: "n"): plain.append(0x0A)
        case UInt8(ascii: "r"): plain.append(0x0D)
        case UInt8(ascii: "t"): plain.append(0x09)
        case UInt8(ascii: "u"): return try appendUnicode(bytes, range, options, to: &plain)
        default: throw JSONError(.badEscape, at: position)
        }
        return position + 2
    }

    private static func appendUnicode(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        _ options: JSONOptions,
        to plain: inout [UInt8]
    ) throws(JSONError) -> Int {
        let position = range.lowerBound
        guard let unit = codeUnit(bytes, range) else { throw JSONError(.badEscape, at: position) }
        if unit == 0, options.refusesNUL { throw JSONError(.nul, at: position) }
        if let scalar = Unicode.Scalar(unit) {
            plain += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            return position + 6
        }
        if unit < 0xDC00, let low = codeUnit(bytes, (position + 6)..<max(position + 6, range.upperBound)),
            0xDC00..<0xE000 ~= low,
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        {
            plain += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            return position + 12
        }
        if options.refusesBadText { throw JSONError(.loneSurrogate, at: position) }
        plain += UTF8.encodedReplacementCharacter
        return position + 6
    }

    /// The UTF-16 code unit of the `\uXXXX` at the range's start.
    private static func codeUnit(_ bytes: [UInt8], _ range: Range<Int>) -> UInt16? {
        let start = range.lowerBound
        guard range.count >= 6, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var unit: UInt16 = 0
        for byte in bytes[(start + 2)..<(start + 6)] {
            guard let digit = hexDigit(byte) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

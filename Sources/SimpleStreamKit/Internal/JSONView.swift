/// A JSON text read in place: looks up what is asked for and builds no tree.
///
/// It takes what providers send: brackets and strings must match up to where it reads, odd text becomes U+FFFD, and
/// white space, commas and numbers are not policed. Nothing it is given makes it trap, loop or nest.
package struct JSONView: Sendable {
    /// What kind of value it is.
    package enum Kind: Sendable {
        case null, bool, number, string, array, object
    }

    let bytes: [UInt8]
    /// Where the value stands, without white space around it.
    let range: Range<Int>

    /// Reads one JSON text. Whether it is one shows only when it is read.
    package init(_ bytes: [UInt8]) {
        var start = 0
        var end = bytes.count
        while start < end, Self.isSpace(bytes[start]) { start += 1 }
        while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
        self.init(bytes, start..<end)
    }

    /// `range` lies within `bytes`.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        self.range = range
    }

    /// Told by the first character; nil for none a value starts with.
    package var kind: Kind? {
        guard let first else { return nil }
        return switch first {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        default: nil
        }
    }

    package var isNull: Bool { first == UInt8(ascii: "n") }

    /// The value's own JSON.
    package var raw: ArraySlice<UInt8> { bytes[range] }

    var first: UInt8? { range.isEmpty ? nil : bytes[range.lowerBound] }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}

// MARK: - Values

extension JSONView {
    /// The text, for a string; odd pieces become U+FFFD.
    package var string: String? {
        guard let content = stringContent else { return nil }
        return try? JSONUnescaping.string(bytes, content, .provider)  // A malformed escape: not a string.
    }

    /// Whether it is the string `text`, without making one.
    package func equals(_ text: String) -> Bool {
        guard let content = stringContent else { return false }
        return Self.string(bytes, content, equals: text)
    }

    /// The number, when whole and in range.
    package var int: Int? {
        guard kind == .number else { return nil }
        return JSONNumber.integer(raw) ?? double.flatMap { Int(exactly: $0) }
    }

    package var double: Double? {
        guard kind == .number else { return nil }
        return JSONNumber.value(raw)?.double
    }

    package var bool: Bool? {
        guard kind == .bool else { return nil }
        return first == UInt8(ascii: "t")
    }

    /// The value as a tree.
    package func value() throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes, range, .provider)
        return try parser.parse()
    }

    /// What stands between the quotation marks.
    private var stringContent: Range<Int>? {
        guard range.count >= 2, first == UInt8(ascii: "\"") else { return nil }
        return (range.lowerBound + 1)..<(range.upperBound - 1)
    }

    /// Compares the string content in `range`; one with escapes is decoded for it.
    static func string(_ bytes: [UInt8], _ range: Range<Int>, equals text: String) -> Bool {
        let length = bytes.commonPrefix(in: range, with: text)
        if length == range.count { return length == text.utf8.count }
        // Up to the first escape a string is what it means.
        guard bytes[range.lowerBound + length] == UInt8(ascii: "\\") else { return false }
        // A malformed escape equals nothing.
        return (try? JSONUnescaping.string(bytes, range, .provider)) == text
    }
}

// MARK: - Members and elements

extension JSONView {
    /// The member `key`; nil for anything but an object that has it before anything malformed.
    package subscript(key: String) -> JSONView? {
        var members = members
        while let member = try? members.next() {  // Malformed: not found.
            if member.isNamed(key) { return member.value }
        }
        return nil
    }

    /// The element at `index`; nil for anything but an array that has it before anything malformed.
    package subscript(index: Int) -> JSONView? {
        var elements = elements
        var position = 0
        while let element = try? elements.next() {  // Malformed: not found.
            if position == index { return element }
            position += 1
        }
        return nil
    }

    /// The members of an object, to be pulled; none for anything else.
    package var members: Members { Members(self) }

    /// The elements of an array, to be pulled; none for anything else.
    package var elements: Elements { Elements(self) }
}

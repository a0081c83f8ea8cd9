/// Builds one JSON object by appending; used where frames are made.
struct EventWriter {
    private(set) var bytes: [UInt8]

    /// Begins an object with `type`.
    init(_ type: String) {
        bytes = []
        bytes.reserveCapacity(320)
        bytes += #"{"type":"#.utf8
        bytes.appendJSONString(type)
    }

    /// Goes on after what was written before.
    init(continuing prefix: [UInt8], reserving count: Int) {
        bytes = []
        bytes.reserveCapacity(prefix.count + count)
        bytes += prefix
    }

    mutating func field(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        bytes.appendJSONString(value)
    }

    mutating func field(_ name: StaticString, _ value: Int?) {
        guard let value else { return }
        key(name)
        bytes.appendDecimal(value)
    }

    mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        bytes += (value ? "true" : "false").utf8
    }

    mutating func field(_ name: StaticString, json value: JSONValue) {
        key(name)
        value.append(to: &bytes)
    }

    /// Appends a text and returns where its escaped content stands.
    mutating func delta(_ name: StaticString, _ value: String) -> Range<Int> {
        key(name)
        let start = bytes.count + 1
        bytes.appendJSONString(value)
        return start..<bytes.count - 1
    }

    /// The whole object.
    consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private mutating func key(_ name: StaticString) {
        bytes.append(UInt8(ascii: ","))
        bytes.append(UInt8(ascii: "\""))
        // Sound: the buffer of a static string lives as long as the program.
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }
}

extension [UInt8] {
    /// Appends a whole number in decimal digits.
    mutating func appendDecimal(_ value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = count
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }
}

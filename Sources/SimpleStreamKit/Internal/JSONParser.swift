extension JSONValue {
    /// Parses one JSON text, white space around it allowed.
    package init(parsing bytes: [UInt8], _ options: JSONOptions = .client) throws(JSONError) {
        var parser = JSONParser(bytes, bytes.indices, options)
        self = try parser.parse()
    }

    /// Parses one JSON text.
    package init(parsing text: String, _ options: JSONOptions = .client) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), options)
    }
}

/// A recursive-descent parser: strict, total and linear; the depth limit bounds its recursion.
struct JSONParser {
    private let bytes: [UInt8]
    private let end: Int
    private let options: JSONOptions
    private var index: Int

    /// Reads what stands in `range`, which lies within `bytes`.
    init(_ bytes: [UInt8], _ range: Range<Int>, _ options: JSONOptions) {
        self.bytes = bytes
        self.index = range.lowerBound
        self.end = range.upperBound
        self.options = options
    }

    /// Parses the one value.
    mutating func parse() throws(JSONError) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard index == end else { throw JSONError(.trailingBytes, at: index) }
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
        switch bytes[index] {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        guard depth <= options.maxDepth else { throw JSONError(.tooDeep, at: index) }
        index += 1
        var elements: [JSONValue] = []
        if skip(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth))
            if skip(UInt8(ascii: "]")) { return elements }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        guard depth <= options.maxDepth else { throw JSONError(.tooDeep, at: index) }
        index += 1
        var object = JSONObject()
        var positions: [String: Int] = [:]
        if skip(UInt8(ascii: "}")) { return object }
        while true {
            skipSpace()
            let start = index
            let key = try string()
            try expect(UInt8(ascii: ":"))
            let value = try value(depth: depth)
            if let position = positions[key] {
                guard !options.refusesDuplicateKeys else { throw JSONError(.duplicateKey, at: start) }
                object.replace(at: position, with: value)
            } else {
                positions[key] = object.count
                object.appendNew(key, value)
            }
            if skip(UInt8(ascii: "}")) { return object }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func string() throws(JSONError) -> String {
        guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
        guard bytes[index] == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: index) }
        let start = index + 1
        var position = start
        while let special = bytes.firstNeedingEscape(in: position..<end) {
            switch bytes[special] {
            case UInt8(ascii: "\""):
                index = special + 1
                return try JSONUnescaping.string(bytes, start..<special, options)
            case UInt8(ascii: "\\"):
                position = min(special + 2, end)
            default:
                throw JSONError(.controlCharacter, at: special)
            }
        }
        throw JSONError(.unexpectedEnd, at: end)
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = index
        while index < end, Self.standsInNumber(bytes[index]) { index += 1 }
        guard index > start else { throw JSONError(.unexpectedByte, at: start) }
        guard let value = JSONNumber.value(bytes[start..<index]) else { throw JSONError(.badNumber, at: start) }
        return value
    }

    private static func standsInNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func literal(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard end - index >= word.utf8.count else { throw JSONError(.unexpectedEnd, at: end) }
        guard bytes[index..<(index + word.utf8.count)].elementsEqual(word.utf8) else {
            throw JSONError(.unexpectedByte, at: index)
        }
        index += word.utf8.count
        return value
    }

    private mutating func skipSpace() {
        while index < end, JSONView.isSpace(bytes[index]) { index += 1 }
    }

    /// Skips white space and then `byte` if it is there.
    private mutating func skip(_ byte: UInt8) -> Bool {
        skipSpace()
        guard index < end, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard !skip(byte) else { return }
        throw JSONError(index < end ? .unexpectedByte : .unexpectedEnd, at: index)
    }
}

extension JSONView {
    /// A name and its value.
    package struct Member: Sendable {
        let name: Range<Int>
        let isEscaped: Bool
        package let value: JSONView

        /// Whether it is called `key`.
        @inline(__always)
        package func isNamed(_ key: String) -> Bool {
            // Most names differ in length, and this is asked many times per event.
            if !isEscaped, name.count != key.utf8.count { return false }
            return JSONView.string(value.bytes, name, equals: key)
        }

        /// Its name.
        package var key: String { JSONView(value.bytes, (name.lowerBound - 1)..<(name.upperBound + 1)).string ?? "" }
    }

    /// Hands out the members of an object, in one pass.
    package struct Members: Sendable {
        private var scanner: Scanner
        private var state: Step

        init(_ view: JSONView) {
            scanner = Scanner(view)
            state = view.first == UInt8(ascii: "{") ? .start : .end
        }

        /// The next member; nil after the last.
        package mutating func next() throws(JSONError) -> Member? {
            guard try scanner.advance(&state, closing: UInt8(ascii: "}")) else { return nil }
            let (name, isEscaped) = try scanner.string()
            try scanner.expect(UInt8(ascii: ":"))
            return Member(name: name, isEscaped: isEscaped, value: try scanner.value())
        }
    }

    /// Hands out the elements of an array, in one pass.
    package struct Elements: Sendable {
        private var scanner: Scanner
        private var state: Step

        init(_ view: JSONView) {
            scanner = Scanner(view)
            state = view.first == UInt8(ascii: "[") ? .start : .end
        }

        /// The next element; nil after the last.
        package mutating func next() throws(JSONError) -> JSONView? {
            guard try scanner.advance(&state, closing: UInt8(ascii: "]")) else { return nil }
            return try scanner.value()
        }
    }

    fileprivate enum Step {
        case start, middle, end
    }

    /// Finds where values end.
    fileprivate struct Scanner: Sendable {
        private let bytes: [UInt8]
        private let end: Int
        private var index: Int

        init(_ view: JSONView) {
            bytes = view.bytes
            end = view.range.upperBound
            index = view.range.lowerBound
        }

        /// Goes to the next member or element, or past the closing bracket.
        mutating func advance(_ state: inout Step, closing: UInt8) throws(JSONError) -> Bool {
            if case .end = state { return false }
            if case .start = state { index += 1 }
            skipSpace()
            guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
            if bytes[index] == closing {
                state = .end
                index += 1
                guard index == end else { throw JSONError(.trailingBytes, at: index) }
                return false
            }
            if case .middle = state { try expect(UInt8(ascii: ",")) }
            state = .middle
            skipSpace()
            return true
        }

        mutating func expect(_ byte: UInt8) throws(JSONError) {
            skipSpace()
            guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
            guard bytes[index] == byte else { throw JSONError(.unexpectedByte, at: index) }
            index += 1
            skipSpace()
        }

        /// Passes a string and returns what stands between its quotation marks, and whether there is an escape in it.
        mutating func string() throws(JSONError) -> (Range<Int>, isEscaped: Bool) {
            guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
            guard bytes[index] == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: index) }
            let start = index + 1
            let first = bytes.firstQuoteOrBackslash(in: start..<end) ?? end
            let isEscaped = first < end && bytes[first] == UInt8(ascii: "\\")
            index = try Self.stringEnd(bytes, first..<end)
            return (start..<(index - 1), isEscaped)
        }

        /// Passes a value.
        mutating func value() throws(JSONError) -> JSONView {
            guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
            let start = index
            switch bytes[index] {
            case UInt8(ascii: "\""): index = try Self.stringEnd(bytes, (start + 1)..<end)
            case UInt8(ascii: "{"), UInt8(ascii: "["): try skipContainer()
            default: try skipScalar()
            }
            return JSONView(bytes, start..<index)
        }

        /// Passes brackets and all they hold. A bit per level says which bracket closes it.
        private mutating func skipContainer() throws(JSONError) {
            var kinds: UInt64 = 0
            var depth = 0
            while index < end {
                let byte = bytes[index]
                index += 1
                switch byte {
                case UInt8(ascii: "\""):
                    index = try Self.stringEnd(bytes, index..<end)
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    guard depth <= 64 else { throw JSONError(.tooDeep, at: index) }
                    kinds = kinds << 1 | (byte == UInt8(ascii: "{") ? 1 : 0)
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    guard (kinds & 1 == 1) == (byte == UInt8(ascii: "}")) else {
                        throw JSONError(.unexpectedByte, at: index)
                    }
                    kinds >>= 1
                    depth -= 1
                    if depth == 0 { return }
                default: break
                }
            }
            throw JSONError(.unexpectedEnd, at: end)
        }

        private mutating func skipScalar() throws(JSONError) {
            let start = index
            loop: while index < end {
                switch bytes[index] {
                case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09: break loop
                default: index += 1
                }
            }
            guard JSONView(bytes, start..<index).kind != nil else { throw JSONError(.unexpectedByte, at: start) }
        }

        private mutating func skipSpace() {
            while index < end, JSONView.isSpace(bytes[index]) { index += 1 }
        }

        /// The place after the closing quotation mark of a string whose content starts with the range.
        private static func stringEnd(_ bytes: [UInt8], _ range: Range<Int>) throws(JSONError) -> Int {
            var position = range.lowerBound
            while let special = bytes.firstQuoteOrBackslash(in: position..<range.upperBound) {
                if bytes[special] == UInt8(ascii: "\"") { return special + 1 }
                position = min(special + 2, range.upperBound)
            }
            throw JSONError(.unexpectedEnd, at: range.upperBound)
        }
    }
}

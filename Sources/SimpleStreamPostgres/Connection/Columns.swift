import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads a row column by column.
///
/// A value of the wrong kind throws; it never traps.
struct Columns {
    private let result: QueryResult
    private let row: Int
    private var index = 0

    init(_ result: QueryResult, row: Int) {
        self.result = result
        self.row = row
    }

    mutating func optionalText() -> String? {
        defer { index += 1 }
        return unsafe result.bytes(row: row, column: index) { unsafe String(decoding: $0, as: UTF8.self) }
    }

    mutating func text() throws -> String {
        guard let text = optionalText() else { throw UnknownValue() }
        return text
    }

    mutating func optionalInt() throws -> Int? {
        guard let text = optionalText() else { return nil }
        guard let number = Int(text) else { throw UnknownValue() }
        return number
    }

    mutating func int() throws -> Int {
        guard let number = try optionalInt() else { throw UnknownValue() }
        return number
    }

    mutating func optionalBool() throws -> Bool? {
        switch optionalText() {
        case nil: nil
        case "t": true
        case "f": false
        default: throw UnknownValue()
        }
    }

    mutating func bool() throws -> Bool {
        guard let flag = try optionalBool() else { throw UnknownValue() }
        return flag
    }

    mutating func date() throws -> Date { Date(storedMilliseconds: Int64(try int())) }

    mutating func optionalDate() throws -> Date? {
        try optionalInt().map { Date(storedMilliseconds: Int64($0)) }
    }

    mutating func value<Value: RawRepresentable>(_ type: Value.Type) throws -> Value where Value.RawValue == String {
        guard let value = Value(rawValue: try text()) else { throw UnknownValue() }
        return value
    }

    mutating func json<Value: Decodable>(_ type: Value.Type) throws -> Value? {
        guard let text = optionalText() else { return nil }
        return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    /// Of a binary result.
    mutating func bytes() throws -> [UInt8] {
        defer { index += 1 }
        guard let bytes = unsafe result.bytes(row: row, column: index, { unsafe [UInt8]($0) }) else {
            throw UnknownValue()
        }
        return bytes
    }

    /// Of a text result, where bytes are `\x` and hexadecimal digits.
    mutating func hexBytes() throws -> [UInt8] {
        let digits = Array(try text().utf8.dropFirst(2))
        guard digits.count.isMultiple(of: 2) else { throw UnknownValue() }
        return try stride(from: 0, to: digits.count, by: 2).map { index in
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
                throw UnknownValue()
            }
            return byte
        }
    }
}

/// A row says something this version of the program does not know.
struct UnknownValue: Error {}

/// The JSON of a column; nil for nil and for an empty list.
func column(_ value: (some Encodable)?) throws -> String? {
    guard let value else { return nil }
    if let list = value as? any Collection, list.isEmpty { return nil }
    return String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
}

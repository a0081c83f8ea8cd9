import TestSupport
import Testing

@testable import SimpleStreamKit

@Suite("JSON trees")
struct JSONValueTests {
    @Test(
        "Values survive encoding and parsing",
        arguments: [
            "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5", "\"\"", "[]",
            "{}",
            #"{"b":[1,2,{"c":null}],"a":"x"}"#, #""\"\\\n\r\t\b\f\u0001\u001f""#, #""äß🦙 e\#u{301}""#,
        ])
    func roundTrip(text: String) throws {
        #expect(try JSONValue(parsing: text).text == text)
    }

    @Test("Escapes are decoded")
    func escapes() throws {
        #expect(try JSONValue(parsing: #""\u0041\/\ud83e\udd99\u00e4""#) == .string("A/🦙ä"))
    }

    @Test(
        "What is not JSON is refused",
        arguments: [
            ("", JSONError.Reason.unexpectedEnd), ("[", .unexpectedEnd), ("{\"a\"", .unexpectedEnd),
            ("\"a", .unexpectedEnd),
            ("tru", .unexpectedEnd), ("trux", .unexpectedByte), ("[1,]", .unexpectedByte),
            ("{\"a\":1,}", .unexpectedByte),
            ("{a:1}", .unexpectedByte), ("[1 2]", .unexpectedByte), ("1 2", .trailingBytes), ("01", .badNumber),
            ("1.", .badNumber), ("-", .badNumber), ("+1", .badNumber), ("1e", .badNumber), ("1e999", .badNumber),
            ("NaN", .unexpectedByte), (#""\x""#, .badEscape), (#""\u12""#, .badEscape), (#""\u+123""#, .badEscape),
            ("\"a\nb\"", .controlCharacter), (#""\ud800""#, .loneSurrogate), (#""\udc00\ud800""#, .loneSurrogate),
            (#""\u0000""#, .nul), ("\u{FEFF}1", .unexpectedByte), ("'a'", .unexpectedByte),
        ])
    func refusals(text: String, reason: JSONError.Reason) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(error?.reason == reason)
    }

    @Test("Bytes that are not UTF-8 are refused, or replaced for providers")
    func badUTF8() throws {
        let bytes: [UInt8] = [0x22, 0x61, 0xFF, 0x22]
        #expect(throws: JSONError(.badUTF8, at: 1)) { try JSONValue(parsing: bytes) }
        #expect(try JSONValue(parsing: bytes, .provider) == .string("a\u{FFFD}"))
        #expect(try JSONValue(parsing: #""\ud83ex\udd99""#, .provider) == .string("\u{FFFD}x\u{FFFD}"))
    }

    @Test("Depth is bounded", arguments: [("[", "]"), ("{\"a\":", "}")])
    func depth(open: String, close: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        _ = try JSONValue(parsing: nested(64))
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: nested(65)) }
        #expect(error?.reason == .tooDeep)
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: open, count: 1_000_000)) }
    }

    @Test("Whole numbers that do not fit become doubles")
    func bigNumbers() throws {
        #expect(try JSONValue(parsing: "9223372036854775808") == .double(9_223_372_036_854_775_808))
        #expect(try JSONValue(parsing: "1e3").int == 1000)
        #expect(try JSONValue(parsing: "1e30").int == nil)
        #expect(try JSONValue(parsing: "1.5").int == nil)
        #expect(JSONValue.double(.infinity).text == "null")
    }

    @Test("The last of two equal keys holds, in the first one's place")
    func duplicates() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#)
        #expect(value.text == #"{"a":3,"b":2}"#)
        let strict = JSONOptions(refusesDuplicateKeys: true)
        #expect(throws: JSONError(.duplicateKey, at: 13)) { try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#, strict) }
    }

    @Test("Objects are equal whatever their order")
    func objectEquality() throws {
        #expect(try JSONValue(parsing: #"{"a":1,"b":2}"#) == JSONValue(parsing: #"{"b":2,"a":1}"#))
    }

    @Test("Members are set, replaced and removed in place")
    func members() {
        var value: JSONValue = ["a": 1, "b": 2]
        value["a"] = 3
        value["c"] = [true, nil, 1.5]
        value["b"] = nil
        #expect(value.text == #"{"a":3,"c":[true,null,1.5]}"#)
        #expect(value["c"]?[1]?.isNull == true)
        #expect(value["c"]?[3] == nil)
    }

    @Test("Every prefix and every changed byte ends in a value or an error")
    func hostileBytes() {
        let bytes = Array(#"{"a":[1,-2.5e3,"x\u00e4\\",true,null],"b":{"c":{}}} "#.utf8)
        for count in bytes.indices.dropLast() {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(bytes[..<count])) }
        }
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<5000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                changed[Int.random(in: changed.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = try? JSONValue(parsing: changed)
            _ = try? JSONValue(parsing: changed, .provider)
        }
    }
}

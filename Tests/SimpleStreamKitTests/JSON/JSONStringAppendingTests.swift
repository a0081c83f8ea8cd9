import Testing

@testable import SimpleStreamKit

@Suite("JSON strings")
struct JSONStringAppendingTests {
    @Test("Every character survives, at every place of the search's stride", arguments: 0..<17)
    func everyCharacter(padding: Int) throws {
        for value in (0..<0x100).map({ UInt8($0) }) {
            let text = String(repeating: "x", count: padding) + String(UnicodeScalar(value)) + "tail of the text"
            var bytes: [UInt8] = []
            bytes.appendJSONString(text)
            #expect(JSONView(bytes).string == text)
        }
    }

    @Test("Control characters take the short form where there is one")
    func shortForms() {
        var bytes: [UInt8] = []
        bytes.appendJSONEscaped("\u{8}\t\n\u{C}\r\u{0}\u{1F}\"\\/\u{7F}".utf8)
        #expect(String(decoding: bytes, as: UTF8.self) == #"\b\t\n\f\r\u0000\u001f\"\\/"# + "\u{7F}")
    }

    @Test("Slices and collections without contiguous bytes are appended alike")
    func collections() {
        let text = Array("a\"b".utf8)
        var slice: [UInt8] = []
        slice.appendJSONEscaped(text[1...])
        var reversed: [UInt8] = []
        reversed.appendJSONEscaped(text.reversed() as ReversedCollection<[UInt8]>)
        #expect(slice == Array(#"\"b"#.utf8))
        #expect(reversed == Array(#"b\"a"#.utf8))
    }

    @Test("Searches find the first match only within their range")
    func searches() {
        for length in 0..<40 {
            for position in 0..<length {
                var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                bytes[position] = UInt8(ascii: "\"")
                #expect(bytes.firstNeedingEscape(in: 0..<length) == position)
                #expect(bytes.firstQuoteOrBackslash(in: 0..<length) == position)
                #expect(bytes.firstIndex(of: UInt8(ascii: "\""), in: 0..<position) == nil)
                #expect(bytes.firstIndex(of: UInt8(ascii: "\""), in: position..<(length + 9)) == position)
            }
        }
    }
}

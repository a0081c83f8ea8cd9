import TestSupport
import Testing

@testable import SimpleStreamKit

@Suite("JSON read in place")
struct JSONViewTests {
    private func view(_ text: String) -> JSONView { JSONView(Array(text.utf8)) }

    @Test("Members and elements are found wherever they stand")
    func lookup() {
        let view = view(
            #" {"s":"a\"}b","o":{"x":[{"deep":"]"}]},"n":-12,"f":1.5,"b":true,"z":null, "e" : [ 1 , 2 ] } "#)
        #expect(view["s"]?.string == #"a"}b"#)
        #expect(view["o"]?["x"]?[0]?["deep"]?.string == "]")
        #expect(view["n"]?.int == -12)
        #expect(view["f"]?.double == 1.5)
        #expect(view["f"]?.int == nil)
        #expect(view["b"]?.bool == true)
        #expect(view["z"]?.isNull == true)
        #expect(view["e"]?[1]?.int == 2)
        #expect(view["e"]?[2] == nil)
        #expect(view["missing"] == nil)
        #expect(view["s"]?["x"] == nil)
    }

    @Test("Keys and texts with escapes compare by meaning")
    func escapedKeys() {
        let view = view(#"{"\u0074ype":"d\u0065lta","plain":1}"#)
        #expect(view["type"]?.equals("delta") == true)
        #expect(view["type"]?.equals("other") == false)
        #expect(view["type"]?.equals("delta2") == false)
        #expect(view["type"]?.equals("de") == false)
        #expect(view["plai"] == nil)
        #expect(view["plain2"] == nil)
        #expect(view["plain"]?.int == 1)
        #expect(view["plain"]?.equals("1") == false)
    }

    @Test("Odd text becomes U+FFFD")
    func oddText() {
        #expect(view(#""\ud83d""#).string == "\u{FFFD}")
        #expect(view(#""\ud83d\ude00""#).string == "😀")
        #expect(JSONView([0x22, 0xC3, 0x22]).string == "\u{FFFD}")
        #expect(view(#""\u0000""#).string == "\0")
        #expect(view(#""\q""#).string == nil)
    }

    @Test("It reads what the tree parser reads")
    func agreesWithTree() throws {
        let text = #"{"a":[1,{"b":"c\n"},[],{}],"d":{"e":[true,false,null,-0.5,"🦙"]},"f":""}"#
        let view = view(text)
        #expect(try view.value() == JSONValue(parsing: text))
        var keys: [String] = []
        var members = view.members
        while let member = try members.next() { keys.append(member.key) }
        #expect(keys == ["a", "d", "f"])
    }

    @Test("A cut text throws at the end of the walk, at every place")
    func truncation() {
        let bytes = Array(#"{"a":[1,{"b":"c\\"}],"d":{"e":true},"f":"x"}"#.utf8)
        for count in 1..<bytes.count {
            #expect(throws: JSONError.self) {
                var members = JSONView(Array(bytes[..<count])).members
                while try members.next() != nil {}
            }
        }
    }

    @Test(
        "Brackets must match and end the text",
        arguments: [
            #"{"a":[}"#, #"{"a":[{]}}"#, #"{"a":1}}"#, #"{"a":1} x"#, #"{"a" 1}"#, #"{"a":1 "b":2}"#, #"{"a":,}"#,
        ])
    func malformed(text: String) {
        #expect(throws: JSONError.self) {
            var members = view(text).members
            while try members.next() != nil {}
        }
    }

    @Test("Nothing hostile makes it trap or hang")
    func hostileBytes() {
        let bytes = Array(#"{"choices":[{"delta":{"content":"\u00e4\"b"},"n":1e5}],"x":{"y":[[]]}}"#.utf8)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<3000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                changed[Int.random(in: changed.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            let view = JSONView(changed)
            _ = view["choices"]?[0]?["delta"]?["content"]?.string
            _ = view["choices"]?[0]?["n"]?.int
            _ = try? view["x"]?.value()
        }
        _ = JSONView(Array(repeating: UInt8(ascii: "["), count: 1 << 20))[0]
    }
}

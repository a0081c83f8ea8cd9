import SimpleStreamKit
import Testing

@testable import ss_cli

@Suite struct CLIValueTests {
    @Test func textIsMadeVisibleAtAnySplit() {
        let text = "a\r\nb\rc\u{1B}[0m\u{85}\u{2066}d\u{E0041}é👩‍👧\u{FEFF}\r"
        let whole = TerminalText.visible(text)
        #expect(whole == "a\nb␍c␛[0m<U+0085><U+2066>d<U+E0041>é👩‍👧<U+FEFF>␍")
        let scalars = Array(text.unicodeScalars)
        for cut in 0...scalars.count {
            var filter = TerminalText()
            var shown = ""
            for half in [scalars[..<cut], scalars[cut...]] {
                shown += filter.take(String(String.UnicodeScalarView(half)))
            }
            #expect(shown + filter.end() == whole)
        }
    }

    @Test func columnsAreAlignedByCells() {
        let table = Table(header: ["A", "B"], rows: [["日本", "x"], ["e\u{301}", "two\nlines"], ["", ""]])
        #expect(table.lines == ["A     B", "日本  x", "e\u{301}     two lines", ""])
    }

    private func frame(_ type: String, _ first: Int?, _ last: Int?) -> ServerFrame {
        var json: JSONValue = ["type": .string(type), "messageId": "m"]
        json["fromSeq"] = first.map(JSONValue.integer)
        json["seq"] = last.map(JSONValue.integer)
        return ServerFrame(json)
    }

    @Test func framesAreTakenOnceAndInOrder() {
        var cursor = RunCursor()
        #expect(cursor.arrived(frame("ai_chat_ack", nil, nil)) == .take)
        #expect(cursor.arrived(frame("ai_chat_chunk", nil, 1)) == .take)
        #expect(cursor.arrived(frame("ai_chat_chunk", 2, 4)) == .take)
        #expect(cursor.arrived(frame("ai_chat_chunk", nil, 3)) == .ignore)
        #expect(cursor.arrived(frame("ai_chat_chunk", nil, 6)) == .resume)
        #expect(cursor.arrived(frame("ai_chat_chunk", 4, 6)) == .resume)
        #expect(cursor.last == 4)
        #expect(cursor.arrived(frame("stream:snapshot", nil, 9)) == .take)
        #expect(cursor.arrived(frame("ai_chat_tool", nil, 10)) == .take)
        #expect(cursor.arrived(frame("ai_chat_response", nil, 11)) == .take)
    }

    private func snapshot(_ text: String, _ thinking: String, _ seq: Int) -> ServerFrame {
        ServerFrame([
            "type": "stream:snapshot", "messageId": "m", "seq": .integer(seq), "text": .string(text),
            "thinkingText": .string(thinking), "status": "streaming",
        ])
    }

    @Test func snapshotsBecomePieces() {
        var tail = SnapshotTail()
        var transcript = RunTranscript(model: nil)
        var said = ""
        var types: [String] = []
        let snapshots = [
            snapshot("", "", 0), snapshot("", "hm", 1), snapshot("e", "hm", 2), snapshot("e", "hm", 2),
            // One more code point makes one character of two.
            snapshot("e\u{301} 👩", "hm", 4), snapshot("e\u{301} 👩‍👧", "hm", 5),
        ]
        for shown in snapshots.compactMap({ tail.take($0) }) {
            types.append(shown.type)
            for case .text(let piece) in transcript.apply(shown) { said += piece }
        }
        #expect(said == "e\u{301} 👩‍👧")
        #expect(transcript.thinking == "hm")
        #expect(types.count { $0 == "ai_chat_chunk" } == 3)
    }

    static let schemas: [(schema: String, answer: String, says: String?)] = [
        (#"{"type":"object"}"#, "{}", nil),
        (#"{"type":"object"}"#, "[]", "$ is not of type object"),
        (#"{"type":["string","null"]}"#, "null", nil),
        (#"{"type":"integer"}"#, "1.0", nil),
        (#"{"type":"integer"}"#, "1.5", "integer"),
        (#"{"enum":["a",1]}"#, "1.0", nil),
        (#"{"enum":["a",1]}"#, #""b""#, "none of"),
        (#"{"required":["a"]}"#, "{}", "$.a is missing"),
        (#"{"properties":{"a":{"type":"string"}}}"#, #"{"a":1,"b":2}"#, "$.a"),
        (#"{"properties":{"a":{}},"additionalProperties":false}"#, #"{"a":1,"b":2}"#, "$.b is not allowed"),
        (#"{"items":{"type":"number","minimum":2}}"#, "[2,3,1]", "$[2] is less than"),
        (#"{"maxItems":1}"#, "[1,2]", "longer"),
        (#"{"minLength":2}"#, #""é""#, "shorter"),
        (
            ##"{"$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"},"v":{"type":"integer"}}}},"$ref":"#/$defs/n"}"##,
            #"{"next":{"next":{"v":"x"}}}"#, "$.next.next.v"
        ),
        (##"{"$ref":"#"}"##, "1", "too deeply"),
        (#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, "1", "none of the alternatives"),
        (#"{"oneOf":[{"type":"number"},{"type":"integer"}]}"#, "1", "exactly one"),
        (#"{"not":{"type":"string"}}"#, #""x""#, "must not"),
        ("{}", "no JSON", "not valid JSON"),
        ("{}", "```json\n{}\n```", "not valid JSON"),
    ]

    @Test(arguments: schemas.indices) func answersAreChecked(_ index: Int) throws {
        let example = Self.schemas[index]
        let objection = try JSONSchema(text: example.schema, name: "schema").objection(to: example.answer)
        if let says = example.says {
            #expect(objection?.contains(says) == true, "\(objection ?? "no objection")")
        } else {
            #expect(objection == nil)
        }
    }

    @Test func modelsAreNamed() {
        #expect(ModelName("openai/gpt-5.5")?.model == "gpt-5.5")
        #expect(ModelName("vercel/anthropic/claude")?.model == "anthropic/claude")
        #expect(ModelName("grok")?.provider == "xai")
        #expect(ModelName("openai")?.model == nil)
        for wrong in ["", "/x", "x/", "/"] { #expect(ModelName(wrong) == nil) }
    }
}

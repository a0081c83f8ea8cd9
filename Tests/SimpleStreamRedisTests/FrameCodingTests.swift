import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamRedis

@Suite struct FrameCodingTests {
    private static let node = [UInt8](0..<16)
    private static let json = Array(#"{"type":"ai_chat_chunk","chunk":"é\"x","seq":7,"fromSeq":5}"#.utf8)

    private static func text(_ json: [UInt8] = json, delta: Range<Int> = 33..<38) -> Frame {
        Frame(kind: .text, messageID: "run", fromSeq: 5, seq: 7, json: json, delta: delta)
    }

    private static let frames = [
        text(),
        Frame(kind: .event, messageID: "run", fromSeq: 8, seq: 8, json: Array("{}".utf8)),
        Frame(kind: .terminal, messageID: "run", fromSeq: 9, seq: 9, json: Array(#"{"done":true}"#.utf8)),
        Frame(kind: .notice, messageID: "", fromSeq: 0, seq: 0, json: Array(#"{"t":1}"#.utf8), senderID: "me"),
    ]

    @Test func framesComeBackAsTheyWere() throws {
        let bytes = try #require(FrameCoding.encode(Self.frames, from: Self.node))
        #expect(FrameCoding.decode(bytes) == Self.frames)
        #expect(FrameCoding.isWritten(bytes, by: Self.node))
        #expect(!FrameCoding.isWritten(bytes, by: Array(1...16)))
    }

    @Test func cutBytesAreRefused() throws {
        let bytes = try #require(FrameCoding.encode([Self.text()], from: Self.node))
        for count in 0..<bytes.count where count != 20 { #expect(FrameCoding.decode(Array(bytes[..<count])) == nil) }
        #expect(FrameCoding.decode(Array(bytes[..<20])) == [])
    }

    @Test(arguments: [
        Frame(kind: .event, messageID: "r", fromSeq: 0, seq: 0, json: Array("{}".utf8)),
        Frame(kind: .event, messageID: "r", fromSeq: 3, seq: 2, json: Array("{}".utf8)),
        Frame(kind: .notice, messageID: "r", fromSeq: 1, seq: 1, json: Array("{}".utf8)),
        Frame(kind: .event, messageID: "r", fromSeq: 1, seq: 1, json: Array("[]".utf8)),
        Frame(kind: .event, messageID: "r", fromSeq: 1, seq: 1, json: []),
        Frame(kind: .event, messageID: "r", fromSeq: 1, seq: 1, json: Array("{\n}".utf8)),
        Frame(kind: .event, messageID: "r", fromSeq: 1, seq: 1, json: [0x7B, 0xFF, 0x7D]),
        Frame(kind: .event, messageID: "r", fromSeq: 1, seq: 1, json: Array("{}".utf8), delta: 1..<2),
        text(delta: 0..<0), text(delta: 34..<38), text(delta: 33..<37), text(delta: 33..<46), text(delta: 33..<4000),
        text(Array(#"{"chunk":"a\"}"#.utf8), delta: 10..<12),
        text(Array(#"{"chunk":"a","seq":7}"#.utf8), delta: 10..<11),
    ])
    func whatMustNotReachAClientIsRefused(frame: Frame) throws {
        let bytes = try #require(FrameCoding.encode([Self.frames[1], frame], from: Self.node))
        #expect(FrameCoding.decode(bytes) == nil)
    }

    @Test func mutatedBytesNeverCrash() throws {
        var random = SeededGenerator(seed: 9)
        let original = try #require(FrameCoding.encode(Self.frames, from: Self.node))
        for _ in 0..<50_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: .min ... .max, using: &random)
            }
            for frame in FrameCoding.decode(bytes) ?? [] {
                // What is handed out can be joined.
                let next = Frame(
                    kind: frame.kind, messageID: frame.messageID, fromSeq: frame.seq + 1, seq: frame.seq + 1,
                    json: frame.json, delta: frame.delta)
                _ = Frame.coalescing([frame, next])
            }
        }
    }
}

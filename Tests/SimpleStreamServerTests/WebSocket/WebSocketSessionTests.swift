import NIOCore
import Testing

@testable import SimpleStreamServer

@Suite struct WebSocketSessionTests {
    static let long = String(repeating: "Ärger mit 日本語 und 🎈. ", count: 40)
    static let huge = [UInt8](repeating: 7, count: 70_000)

    static let scripts: [SessionScript] = [
        SessionScript("text", [.text("Hello")], [.text("Hello")]),
        SessionScript("empty text", [.text("")], [.text("")]),
        SessionScript(
            "two messages", [.text("a"), ClientFrame(opcode: 2, payload: [1, 2])], [.text("a"), .binary([1, 2])]),
        SessionScript("16-bit length", [.text(long)], [.text(long)]),
        SessionScript("64-bit length", [ClientFrame(opcode: 2, payload: huge)], [.binary(huge)]),
        SessionScript(
            "fragments cut inside characters",
            [.text("", isFinal: false)] + "é🎈".utf8.map { .more([$0], isFinal: false) } + [.more([], isFinal: true)],
            [.text("é🎈")]
        ),
        SessionScript(
            "ping inside a message",
            [.text("a", isFinal: false), ClientFrame(opcode: 9, payload: [1, 2, 3]), .more([98], isFinal: true)],
            [.pong([1, 2, 3]), .text("ab")]
        ),
        SessionScript("unsolicited pong", [ClientFrame(opcode: 10, payload: [9]), .text("x")], [.text("x")]),
        SessionScript("zero mask", [ClientFrame(opcode: 1, payload: [104, 105], mask: [0, 0, 0, 0])], [.text("hi")]),
        SessionScript("close", [.close(1000, Array("bye".utf8)), .text("late")], [.end(1000, byPeer: true)]),
        SessionScript("close without a code", [ClientFrame(opcode: 8)], [.end(1005, byPeer: true)]),
        SessionScript("application close code", [.close(4999)], [.end(4999, byPeer: true)]),
        SessionScript("ping after close", [.close(1001), ClientFrame(opcode: 9)], [.end(1001, byPeer: true)]),
        // What breaks a rule.
        SessionScript("unmasked", [ClientFrame(opcode: 1, payload: [97], mask: nil)], [.end(1002, byPeer: false)]),
        SessionScript("unmasked ping", [ClientFrame(opcode: 9, mask: nil)], [.end(1002, byPeer: false)]),
        SessionScript("reserved bit 1", [ClientFrame(opcode: 1, reserved: 4)], [.end(1002, byPeer: false)]),
        SessionScript("reserved bit 3", [ClientFrame(opcode: 9, reserved: 1)], [.end(1002, byPeer: false)]),
        SessionScript("opcode 3", [ClientFrame(opcode: 3)], [.end(1002, byPeer: false)]),
        SessionScript("opcode 15", [ClientFrame(opcode: 15)], [.end(1002, byPeer: false)]),
        SessionScript("ping in fragments", [ClientFrame(opcode: 9, isFinal: false)], [.end(1002, byPeer: false)]),
        SessionScript(
            "long ping", [ClientFrame(opcode: 9, payload: [UInt8](repeating: 0, count: 126))],
            [.end(1002, byPeer: false)]),
        SessionScript("continuation of nothing", [.more([97], isFinal: true)], [.end(1002, byPeer: false)]),
        SessionScript(
            "continuation after the end", [.text("a"), .more([97], isFinal: true)],
            [.text("a"), .end(1002, byPeer: false)]),
        SessionScript(
            "message inside a message", [.text("a", isFinal: false), .text("b")], [.end(1002, byPeer: false)]),
        SessionScript(
            "16-bit length for 5", [ClientFrame(opcode: 1, payload: Array("Hello".utf8), lengthBytes: 2)],
            [.end(1002, byPeer: false)]),
        SessionScript(
            "64-bit length for 5", [ClientFrame(opcode: 1, payload: Array("Hello".utf8), lengthBytes: 8)],
            [.end(1002, byPeer: false)]),
        SessionScript(
            "length with the top bit", [ClientFrame(opcode: 2, lengthBytes: 8, declaredLength: .max)],
            [.end(1002, byPeer: false)]),
        SessionScript("close code of one byte", [ClientFrame(opcode: 8, payload: [3])], [.end(1002, byPeer: false)]),
        SessionScript("close code 999", [.close(999)], [.end(1002, byPeer: false)]),
        SessionScript("close code 1005", [.close(1005)], [.end(1002, byPeer: false)]),
        SessionScript("close code 2000", [.close(2000)], [.end(1002, byPeer: false)]),
        SessionScript("close code 5000", [.close(5000)], [.end(1002, byPeer: false)]),
        SessionScript("close reason not UTF-8", [.close(1000, [0xFF])], [.end(1007, byPeer: false)]),
        SessionScript("close reason cut", [.close(1000, [0xC3])], [.end(1007, byPeer: false)]),
        SessionScript("text not UTF-8", [ClientFrame(opcode: 1, payload: [0x80])], [.end(1007, byPeer: false)]),
        SessionScript(
            "text cut in a character", [ClientFrame(opcode: 1, payload: [0xE2, 0x82])], [.end(1007, byPeer: false)]),
        SessionScript(
            "surrogate over two fragments",
            [ClientFrame(opcode: 1, payload: [0xED], isFinal: false), .more([0xA0, 0x80], isFinal: true)],
            [.end(1007, byPeer: false)]),
        SessionScript(
            "binary may be anything", [ClientFrame(opcode: 2, payload: [0xFF, 0xC0])], [.binary([0xFF, 0xC0])]),
    ]

    @Test(arguments: scripts)
    func scriptHoldsAtEverySplit(script: SessionScript) {
        let sizes =
            script.bytes.count > 1000 ? Array(1...20) + [999, 4096, script.bytes.count] : Array(1...script.bytes.count)
        for size in sizes {
            var session = WebSocketSession()
            let seen = session.feed(script.bytes, pieces: size).map(SessionScript.seen)
            #expect(seen == script.actions, "in pieces of \(size)")
        }
    }

    @Test func badTextEndsInsideAFrame() {
        var session = WebSocketSession()
        let frame = ClientFrame(opcode: 1, payload: Array("ok".utf8) + [0xFF] + Array("more".utf8)).bytes
        let untilBad = Array(frame.prefix(2 + 4 + 3))
        #expect(session.feed(Array(untilBad.dropLast()), pieces: 3).isEmpty)
        let actions = session.feed([untilBad[untilBad.count - 1]], pieces: 1)
        #expect(actions.map(SessionScript.seen) == [.end(1007, byPeer: false)])
    }

    @Test func tooLongIsRefusedFromTheHead() {
        let limits = WebSocketLimits(messageBytes: 1000)
        var session = WebSocketSession(limits: limits)
        let head = Array(ClientFrame(opcode: 1, declaredLength: 1001).bytes.prefix(8))
        #expect(session.feed(head, pieces: 1).map(SessionScript.seen) == [.end(1009, byPeer: false)])

        var exact = WebSocketSession(limits: limits)
        let text = String(repeating: "x", count: 1000)
        #expect(exact.feed(ClientFrame.text(text).bytes, pieces: 7).map(SessionScript.seen) == [.text(text)])

        var parts = WebSocketSession(limits: limits)
        let first = ClientFrame.text(String(repeating: "x", count: 600), isFinal: false).bytes
        #expect(parts.feed(first, pieces: 50).isEmpty)
        let second = Array(ClientFrame(opcode: 0, declaredLength: 401).bytes.prefix(8))
        #expect(parts.feed(second, pieces: 1).map(SessionScript.seen) == [.end(1009, byPeer: false)])
    }

    @Test func aLengthReservesNothing() {
        var session = WebSocketSession(limits: WebSocketLimits(messageBytes: .max))
        let head = ClientFrame(opcode: 2, lengthBytes: 8, declaredLength: UInt64(Int.max)).bytes
        #expect(session.feed(head + [1, 2, 3], pieces: 5).isEmpty)
    }

    @Test func emptyFragmentsAreAFlood() {
        var session = WebSocketSession(limits: WebSocketLimits(spareFragments: 10))
        let frames = [ClientFrame.text("", isFinal: false)] + (0..<10).map { _ in ClientFrame.more([], isFinal: false) }
        #expect(
            session.feed(frames.flatMap(\.bytes), pieces: 64).map(SessionScript.seen) == [.end(1008, byPeer: false)])
    }

    @Test func fragmentsThatCarrySomethingAreFine() {
        var session = WebSocketSession(limits: WebSocketLimits(spareFragments: 10))
        var frames = [ClientFrame(opcode: 2, payload: [UInt8](repeating: 1, count: 16), isFinal: false)]
        frames += (0..<500).map { .more([UInt8](repeating: 1, count: 16), isFinal: $0 == 499) }
        let seen = session.feed(frames.flatMap(\.bytes), pieces: 1000).map(SessionScript.seen)
        #expect(seen == [.binary([UInt8](repeating: 1, count: 16 * 501))])
    }

    @Test func pingsAreAFloodOnlyWhenTheyComeFast() {
        let limits = WebSocketLimits(controlBurst: 5, controlPerSecond: 1)
        let ping = ClientFrame(opcode: 9).bytes
        var fast = WebSocketSession(limits: limits)
        let seen = fast.feed(Array(repeating: ping, count: 6).flatMap(\.self), pieces: 100).map(SessionScript.seen)
        #expect(seen == Array(repeating: .pong([]), count: 5) + [.end(1008, byPeer: false)])

        var slow = WebSocketSession(limits: limits)
        for second in 0..<100 {
            let now = NIODeadline.uptimeNanoseconds(0) + .seconds(Int64(second))
            #expect(slow.feed(ping, pieces: 100, at: now).map(SessionScript.seen) == [.pong([])])
        }
    }

    @Test func ourCloseWaitsForThePeers() {
        var session = WebSocketSession()
        #expect(session.close(.unauthenticated, reason: "sign in") == [0x88, 9, 0x0F, 0xA1] + Array("sign in".utf8))
        #expect(!session.isOpen)
        #expect(session.close(.normal) == nil, "the first close wins")
        let frames = [ClientFrame.text("unread"), ClientFrame(opcode: 9), ClientFrame.text("more", isFinal: false)]
        #expect(session.feed(frames.flatMap(\.bytes), pieces: 4).isEmpty)
        let end = WebSocketEnd(code: .unauthenticated, reason: "sign in", byPeer: false)
        #expect(session.feed(ClientFrame.close(4001).bytes, pieces: 3) == [.end(end, farewell: [])])
    }

    @Test func closesAreAnsweredWithTheirCode() {
        var coded = WebSocketSession()
        let end = WebSocketEnd(code: .normal, reason: "bye", byPeer: true)
        let frame = ClientFrame.close(1000, Array("bye".utf8)).bytes
        #expect(coded.feed(frame, pieces: 2) == [.end(end, farewell: [0x88, 2, 0x03, 0xE8])])
        var bare = WebSocketSession()
        let none = WebSocketEnd(code: .noStatus, byPeer: true)
        #expect(bare.feed(ClientFrame(opcode: 8).bytes, pieces: 2) == [.end(none, farewell: [0x88, 0])])
    }

    @Test func aLongReasonIsCutBetweenCharacters() {
        let frame = WebSocketFrame.close(.normal, reason: String(repeating: "é", count: 100))
        #expect(frame.count == 2 + 2 + 122)
        #expect(frame.dropFirst(4).count(where: { $0 == 0xC3 }) == 61)
    }

    @Test(arguments: [0, 1, 125, 126, 65535, 65536])
    func serverFramesUseTheShortestLength(length: Int) {
        let frame = WebSocketFrame.encoded(.text, [UInt8](repeating: 120, count: length))
        let head: [UInt8] =
            switch length {
            case ...125: [0x81, UInt8(length)]
            case ...65535: [0x81, 126, UInt8(length >> 8), UInt8(length & 0xFF)]
            default: [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]
            }
        #expect(Array(frame.prefix(head.count)) == head)
        #expect(frame.count == head.count + length)
    }
}

import TestSupport
import Testing

@testable import SimpleStreamKit

@Suite("Event streams")
struct EventStreamParserTests {
    /// Every rule at once: BOM, three line ends, comments, missing spaces, several data lines, all fields.
    private static let stream = Array(
        ("\u{FEFF}: hello\r\n\r\nevent: first\r\ndata: a\r\ndata:b\r\n\r\n"
            + ":\n\ndata: {\"t\":\"ä🦙\"}\n\nid: 7\rretry: 1500\rdata:  two spaces\r\r"
            + "unknown: x\nnocolon\ndata\n\nevent: lonely\n\ndata: last\n").utf8)

    private static let items: [EventStreamParser.Item] = [
        .comment,
        .event(ServerSentEvent(name: "first", data: Array("a\nb".utf8))),
        .comment,
        .event(ServerSentEvent(data: Array("{\"t\":\"ä🦙\"}".utf8))),
        .event(ServerSentEvent(data: Array(" two spaces".utf8), id: "7")),
        .event(ServerSentEvent(data: [])),
        .event(ServerSentEvent(data: Array("last".utf8))),
    ]

    @Test("Any cut gives the same events", arguments: 1...64)
    func cuts(size: Int) throws {
        #expect(try EventStreamParser.items(of: Self.stream, chunkSize: size) == Self.items)
    }

    @Test("Random cuts give the same events")
    func randomCuts() throws {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            var parser = EventStreamParser()
            var items: [EventStreamParser.Item] = []
            var rest = Self.stream[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...min(rest.count, 40), using: &generator)
                parser.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
                // Now and then the reader is late and two chunks wait.
                if Bool.random(using: &generator) { continue }
                while let item = try parser.next() { items.append(item) }
            }
            while let item = try parser.next() { items.append(item) }
            if let event = try parser.end() { items.append(.event(event)) }
            #expect(items == Self.items)
            #expect(parser.retry == 1500)
        }
    }

    @Test("The last event needs no blank line, unless the specification is followed")
    func unfinished() throws {
        for text in ["data: x", "data: x\n", "data: x\r", "data: x\r\n"] {
            var parser = EventStreamParser()
            parser.append(Array(text.utf8))
            #expect(try parser.next() == nil)
            #expect(try parser.end()?.data == Array("x".utf8))
            var strict = EventStreamParser(dispatchesUnfinishedEvent: false)
            strict.append(Array(text.utf8))
            #expect(try strict.next() == nil)
            #expect(try strict.end() == nil)
        }
    }

    @Test("An event without data is none")
    func nothingToDispatch() throws {
        #expect(try EventStreamParser.items(of: Array("event: x\nid: 1\n\n\n\n".utf8), chunkSize: 64).isEmpty)
    }

    @Test("An id with U+0000 and a retry that is no number are ignored")
    func badFields() throws {
        var parser = EventStreamParser()
        parser.append(Array("id: a\0b\nretry: 1x\nretry: 99999999999999999999\ndata: x\n\n".utf8))
        #expect(try parser.next() == .event(ServerSentEvent(data: Array("x".utf8))))
        #expect(parser.retry == nil)
    }

    @Test("An endless line is cut off at the limit, whole or byte by byte", arguments: [1, 7, 4096])
    func lineLimit(size: Int) {
        let line = Array("data: ".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 200)
        #expect(throws: Never.self) {
            try EventStreamParser.items(of: line, chunkSize: size, limits: .init(line: line.count))
        }
        let error = #expect(throws: ChatError.self) {
            try EventStreamParser.items(of: line, chunkSize: size, limits: .init(line: line.count - 1))
        }
        #expect(error?.code == .providerProtocol)
    }

    @Test("An endless event is cut off at the limit")
    func eventLimit() {
        let lines = Array(repeatElement("data: 123456789\n", count: 100).joined().utf8)
        let error = #expect(throws: ChatError.self) {
            try EventStreamParser.items(of: lines, chunkSize: 50, limits: .init(event: 500))
        }
        #expect(error?.code == .providerProtocol)
    }

    @Test("A long line may come byte by byte")
    func longLine() throws {
        let text = [UInt8](repeating: UInt8(ascii: "y"), count: 100_000)
        let items = try EventStreamParser.items(of: Array("data:".utf8) + text, chunkSize: 1)
        #expect(items == [.event(ServerSentEvent(data: text))])
    }

    @Test("Hostile bytes end in events or an error")
    func hostileBytes() {
        var generator = SeededGenerator(seed: 11)
        let alphabet = Array("data:id event:\r\n\r\n:\u{0}x".utf8) + [0xEF, 0xBB, 0xBF, 0xFF]
        for _ in 0..<500 {
            let bytes = (0..<200).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let whole = try? EventStreamParser.items(of: bytes, chunkSize: 200)
            let cut = try? EventStreamParser.items(of: bytes, chunkSize: 3)
            #expect(whole == cut)
        }
    }
}

@Suite struct StrayJSONTests {
    private let body = "data: {\"a\":1}\n\n{\n  \"error\": {\n    \"code\": 499\n  }\n}\n"

    @Test(arguments: 1...16)
    func bareJSONComesAtTheEnd(size: Int) throws {
        let items = try EventStreamParser.items(of: Array(body.utf8), chunkSize: size)
        let json = "{\n  \"error\": {\n    \"code\": 499\n  }\n}\n"
        #expect(items == [
            .event(ServerSentEvent(data: Array("{\"a\":1}".utf8))), .event(ServerSentEvent(data: Array(json.utf8))),
        ])
    }

    @Test func aWholeBodyOfJSONComesToo() throws {
        let items = try EventStreamParser.items(of: Array("[{\"a\": 1}\n,\r\n{\"b\": 2}]".utf8), chunkSize: 3)
        #expect(items == [.event(ServerSentEvent(data: Array("[{\"a\": 1}\n,\n{\"b\": 2}]\n".utf8)))])
    }

    @Test func otherStrayLinesAreIgnored() throws {
        let items = try EventStreamParser.items(of: Array("<html>\nfoo: bar\n}\ndata: x\n\n".utf8), chunkSize: 5)
        #expect(items == [.event(ServerSentEvent(data: Array("x".utf8)))])
    }

    @Test func itIsBounded() {
        let line = Array(("{" + String(repeating: "1", count: 60) + "\n").utf8)
        let many = Array(repeatElement(line, count: 20).joined())
        #expect(throws: ChatError.self) {
            try EventStreamParser.items(of: many, chunkSize: 64, limits: .init(line: 100, event: 1_000))
        }
    }
}

import HTTPTypes
import NIOCore
import Testing

@testable import SimpleStreamServer

@Suite struct RequestHeadScannerTests {
    static let limits: HTTPLimits = {
        var limits = HTTPLimits()
        limits.headBytes = 400
        limits.headFields = 5
        limits.targetBytes = 50
        return limits
    }()

    struct Example: Sendable, CustomTestStringConvertible {
        var head: String
        /// The status of the refusal; nil when the head is fine.
        var refusal: Int?
        var testDescription: String { "\(head.prefix(60))" }

        init(_ head: String, _ refusal: Int? = nil) {
            self.head = head
            self.refusal = refusal
        }
    }

    static let examples = [
        Example("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Example("GET / HTTP/1.1\r\n\r\n"),
        Example("\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Example("GET / HTTP/1.1\r\nA:\tb \r\n\r\n"),
        Example("GET /\(String(repeating: "x", count: 49)) HTTP/1.1\r\n\r\n"),
        Example("GET /\(String(repeating: "x", count: 50)) HTTP/1.1\r\n\r\n", 414),
        Example("GET /\(String(repeating: "x", count: 4000)) HTTP/1.1\r\n\r\n", 414),
        Example("GET / HTTP/1.1\r\n\(String(repeating: "A: b\r\n", count: 5))\r\n"),
        Example("GET / HTTP/1.1\r\n\(String(repeating: "A: b\r\n", count: 6))\r\n", 431),
        Example("GET / HTTP/1.1\r\nA: \(String(repeating: "x", count: 400))\r\n\r\n", 431),
        Example("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400),
        Example("GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n", 400),
        Example("GET / HTTP/1.1\r\n A: b\r\n\r\n", 400),
        Example("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 400),
        Example("GET /\u{7F} HTTP/1.1\r\n\r\n", 400),
        Example("GET / HTTP/1.1\nHost: localhost\n\n", 400),
        Example("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400),
        Example("\u{16}\u{03}\u{01}", 400),
    ]

    @Test(arguments: examples)
    func headsAreMeasuredAtEverySplit(example: Example) {
        let bytes = Array(example.head.utf8)
        for size in 1...(bytes.count + 3) {
            var scanner = RequestHeadScanner(limits: Self.limits)
            var outcome = RequestHeadScanner.Outcome.needsMore
            var seen = 0
            // What follows a head must not be touched.
            let stream = bytes + Array("xyz".utf8)
            while outcome == .needsMore, seen < stream.count {
                let piece = ByteBuffer(bytes: stream[seen..<min(seen + size, stream.count)])
                outcome = scanner.scan(piece.readableBytesView)
                if case .complete(let count) = outcome { seen += count } else { seen += piece.readableBytes }
            }
            switch outcome {
            case .needsMore: Issue.record("undecided in pieces of \(size)")
            case .complete:
                #expect(example.refusal == nil)
                #expect(seen == bytes.count, "in pieces of \(size)")
            case .refused(let refusal): #expect(refusal.status.code == example.refusal)
            }
        }
    }

    @Test(arguments: [
        ("5\r\nhello\r\n0\r\n\r\n", true),
        ("5;name=value\r\nhello\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", true),
        ("0\r\n\r\n", true),
        ("00000005\r\nhello\r\n000\r\n\r\n", true),
        ("5\nhello\r\n0\r\n\r\n", false),
        ("5\r\nhelloX\r\n0\r\n\r\n", false),
        ("g\r\n", false),
        ("\r\n", false),
        ("-1\r\n", false),
        ("FFFFFFFFF\r\n", false),
        ("5\r\nhello\r\n0\r\nA: b\n\r\n", false),
    ])
    func chunksAreMeasuredAtEverySplit(body: String, isFine: Bool) {
        let bytes = Array(body.utf8) + Array("GET".utf8)
        for size in 1...bytes.count {
            var scanner = ChunkedBodyScanner()
            var outcome = ChunkedBodyScanner.Outcome.needsMore
            var seen = 0
            while outcome == .needsMore, seen < bytes.count {
                let piece = ByteBuffer(bytes: bytes[seen..<min(seen + size, bytes.count)])
                outcome = scanner.scan(piece.readableBytesView)
                if case .complete(let count) = outcome { seen += count } else { seen += piece.readableBytes }
            }
            if isFine {
                #expect(seen == bytes.count - 3, "in pieces of \(size)")
            } else {
                #expect(outcome == .malformed, "in pieces of \(size)")
            }
        }
    }
}

import HTTPTypes
import NIOCore
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamServer

/// Damaged requests, to the values that judge them and to a server that runs.
@Suite(.timeLimit(.minutes(10))) struct RequestFuzzTests {
    private static let requests = [
        "GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nCookie: a=b; c=\"d\"\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ]

    @Test(arguments: 0..<4 as Range<UInt64>)
    func headsAndChunksMeanTheSameInEveryPiece(seed: UInt64) {
        var damage = Damage(Self.requests, seed: seed)
        for _ in 0..<Damage.rounds {
            let bytes = damage.next()
            let size = damage.number(in: 1...9)
            var limits = HTTPLimits()
            limits.headBytes = 300
            limits.headFields = 5
            var whole = RequestHeadScanner(limits: limits)
            let expected = whole.scan(ByteBuffer(bytes: bytes).readableBytesView)
            var pieces = RequestHeadScanner(limits: limits)
            var outcome = RequestHeadScanner.Outcome.needsMore
            var seen = 0
            while seen < bytes.count, outcome == .needsMore {
                let part = bytes[seen..<min(bytes.count, seen + size)]
                outcome = pieces.scan(ByteBuffer(bytes: part).readableBytesView)
                if case .complete(let count) = outcome { outcome = .complete(seen + count) }
                seen += part.count
            }
            #expect(outcome == expected)
            var chunks = ChunkedBodyScanner()
            if case .complete(let count) = chunks.scan(ByteBuffer(bytes: bytes).readableBytesView) {
                #expect(count <= bytes.count)
            }
        }
    }

    @Test(arguments: 0..<2 as Range<UInt64>)
    func fieldsAreReadOrRefused(seed: UInt64) throws {
        let fields = [
            "localhost:4000", "[::1]:4000", "https://chat.example:8443", "192.0.2.1, 10.0.0.1", "a%20b%C3%A9%", "null",
            "2001:db8::1, unknown", "S%C3%A3o%20Paulo",
        ]
        let proxies = try #require(TrustedProxies(["10.0.0.0/8"]))
        let peer = try SocketAddress(ipAddress: "10.0.0.1", port: 1)
        var damage = Damage(fields, seed: seed &+ 50)
        for _ in 0..<Damage.rounds {
            let text = String(decoding: damage.next(), as: UTF8.self)
            if let authority = Authority(text) { #expect(!authority.host.isEmpty) }
            _ = (WebOrigin(text), text.percentDecoded)
            guard HTTPField.isValidValue(text) else { continue }
            var request = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/")
            request.headerFields[.xForwardedFor] = text
            request.headerFields[.xForwardedHost] = text
            request.headerFields[.vercelIPCity] = text
            #expect(!proxies.client(of: request, from: peer, isSecure: false).address.isEmpty)
        }
    }

    /// Whatever comes, the connection ends or answers, and the next client is served.
    @Test func theServerOutlivesThemAll() async throws {
        try await withTestServer {
            $0.limits.headTime = .milliseconds(500)
            $0.limits.bodyTime = .milliseconds(500)
            $0.limits.lingerTime = .milliseconds(50)
        } _: { port in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for seed in 0..<8 as Range<UInt64> {
                    group.addTask {
                        var damage = Damage(Self.requests, seed: seed &+ 500)
                        for _ in 0..<Damage.rounds / 20 {
                            let bytes = damage.next()
                            try await TestConnection.connect(to: port) { connection in
                                // The server may be gone before all is sent.
                                try? await connection.send(bytes)
                                _ = try? await connection.readHead()
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await TestHTTP(port: port).get("/").text == "hello")
        }
    }
}

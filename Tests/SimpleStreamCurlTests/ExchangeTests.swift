import HTTPTypes
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamCurl

/// Requests and responses, on every way to wait for sockets.
@Suite(.timeLimit(.minutes(2)))
struct ExchangeTests {
    typealias Mechanism = EventLoop.Mechanism

    @Test(arguments: Mechanism.allCases)
    func headAndBodyArrive(mechanism: Mechanism) async throws {
        let reply = ScriptedUpstream.Reply.response(
            status: 201,
            headers: [("X-One", "1"), ("x-one", "2"), ("x-empty", "")],
            pieces: ["Hello ", "world"]
        )
        try await withScriptedUpstream(reply) { upstream in
            let transport = try CurlTransport.test(mechanism)
            let one = try #require(HTTPField.Name("x-one"))
            let empty = try #require(HTTPField.Name("x-empty"))
            try await transport.get("/a/../b?c=d", from: upstream) { head, body in
                #expect(head.status == .created)
                #expect(head.headerFields[values: one] == ["1", "2"])
                #expect(head.headerFields[empty] == "")
                let bytes = try await body.collect(upTo: 100)
                #expect(bytes == Array("Hello world".utf8))
            }
            let request = try await upstream.request()
            #expect(request.method == "GET")
            #expect(request.path == "/a/../b?c=d")
            #expect(request[header: "host"] == upstream.authority)
            #expect(request[header: "content-type"] == nil)
            #expect(request[header: "accept-encoding"] == nil)
            #expect(request.body.isEmpty)
        }
    }

    @Test(arguments: Mechanism.allCases, [0, 5, 3 << 20])
    func contentIsSent(mechanism: Mechanism, size: Int) async throws {
        try await withScriptedUpstream(.json("{}")) { upstream in
            let transport = try CurlTransport.test(mechanism)
            var request = HTTPRequest.to(upstream, "/v1/chat", method: .post)
            request.headerFields[.contentType] = "application/json"
            request.headerFields[.authorization] = "Bearer key"
            let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await transport.withResponse(to: request, content: content, options: .plain()) { head, body in
                #expect(head.status == .ok)
                let bytes = try await body.collect(upTo: 10)
                #expect(bytes == Array("{}".utf8))
            }
            let seen = try await upstream.request()
            #expect(seen.method == "POST")
            #expect(seen.body == content)
            #expect(seen[header: "content-type"] == "application/json")
            #expect(seen[header: "authorization"] == "Bearer key")
            #expect(seen[header: "content-length"] == "\(size)")
            #expect(seen[header: "expect"] == nil)
        }
    }

    @Test(arguments: [HTTPRequest.Method.head, .delete, .put, .patch, .options])
    func methodsGoOutAsTheyAre(method: HTTPRequest.Method) async throws {
        try await withScriptedUpstream(.head(headers: [("content-length", "0")])) { upstream in
            let transport = try CurlTransport.test()
            let request = HTTPRequest.to(upstream, method: method)
            let status = try await transport.withResponse(to: request, content: [], options: .plain()) { head, body in
                _ = try await body.collect(upTo: 0)
                return head.status
            }
            #expect(status == .ok)
            #expect(try await upstream.request().method == method.rawValue)
        }
    }

    @Test(arguments: [204, 302, 401, 404, 429, 500, 529])
    func anyStatusIsAResponse(status: Int) async throws {
        let reply = ScriptedUpstream.Reply.head(
            status: status,
            headers: [("location", "/elsewhere"), ("retry-after", "7"), ("content-length", "0")]
        )
        try await withScriptedUpstream(reply) { upstream in
            let transport = try CurlTransport.test()
            try await transport.get(from: upstream) { head, _ in
                #expect(head.status.code == status)
                #expect(head.headerFields[.location] == "/elsewhere")
            }
            #expect(upstream.requests.count == 1)
        }
    }

    @Test(arguments: 1...7)
    func piecesOfAnySizeArrive(size: Int) async throws {
        let events = ["{\"text\":\"Grüße\"}", "👋", "[DONE]"]
        try await withScriptedUpstream(.sse(events: events).written(in: size)) { upstream in
            let transport = try CurlTransport.test()
            let text = try await transport.text(from: upstream)
            #expect(text == events.map { "data: \($0)\n\n" }.joined())
        }
    }

    @Test(arguments: Mechanism.allCases)
    func bytesArriveBeforeTheNextAreSent(mechanism: Mechanism) async throws {
        let gate = ScriptedUpstream.Gate()
        let pieces = (1...20).map { "piece \($0);" }
        let reply = ScriptedUpstream.Reply.response(pieces: pieces, framing: .chunked, gate: gate)
        try await withScriptedUpstream(reply) { upstream in
            let transport = try CurlTransport.test(mechanism)
            try await transport.get(from: upstream) { _, body in
                var iterator = body.makeAsyncIterator()
                for piece in pieces {
                    gate.advance()
                    let chunk = try await iterator.next()
                    #expect(chunk == Array(piece.utf8))
                }
                let end = try await iterator.next()
                #expect(end == nil)
                // The end stays the end.
                let afterEnd = try await iterator.next()
                #expect(afterEnd == nil)
            }
        }
    }

    @Test
    func interimResponsesAndTrailersAreLeftOut() async throws {
        let reply = ScriptedUpstream.Reply.raw(
            "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                + "2\r\nhi\r\n0\r\nx-trailer: 1\r\n\r\n"
        )
        try await withScriptedUpstream(reply) { upstream in
            let transport = try CurlTransport.test()
            try await transport.get(from: upstream) { head, body in
                #expect(head.status == .ok)
                #expect(head.headerFields.map(\.name.canonicalName) == ["transfer-encoding"])
                let bytes = try await body.collect(upTo: 10)
                #expect(bytes == Array("hi".utf8))
            }
        }
    }

    @Test
    func bodiesAreNotDecompressed() async throws {
        let reply = ScriptedUpstream.Reply.response(headers: [("content-encoding", "gzip")], pieces: ["not gzip"])
        try await withScriptedUpstream(reply) { upstream in
            let text = try await CurlTransport.test().text(from: upstream)
            #expect(text == "not gzip")
        }
    }

    @Test(arguments: Mechanism.allCases)
    func connectionsAreUsedAgain(mechanism: Mechanism) async throws {
        try await withScriptedUpstream(.json("{}")) { upstream in
            let transport = try CurlTransport.test(mechanism)
            for _ in 0..<10 { #expect(try await transport.text(from: upstream) == "{}") }
            #expect(upstream.connectionsOpened.count == 1)
            #expect(upstream.requests.count == 10)
        }
    }

    @Test
    func errorsOfTheBodyPass() async throws {
        struct OwnError: Error {}
        try await withScriptedUpstream(.json("{}")) { upstream in
            let transport = try CurlTransport.test()
            await #expect(throws: OwnError.self) {
                try await transport.get(from: upstream) { _, _ in throw OwnError() }
            }
        }
    }
}

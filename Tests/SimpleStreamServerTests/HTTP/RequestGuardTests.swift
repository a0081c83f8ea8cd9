import HTTPTypes
import NIOCore
import Testing

@testable import SimpleStreamServer

@Suite(.timeLimit(.minutes(1))) struct RequestGuardTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var request: String
        var status: Int
        var testDescription: String { "\(status): \(request.prefix(80))" }

        init(_ request: String, _ status: Int) {
            self.request = request
            self.status = status
        }
    }

    static let refused = [
        Example("GET / HTTP/1.1\r\n\r\n", 400),
        Example("GET / HTTP/1.0\r\n\r\n", 400),
        Example("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        Example("GET / HTTP/1.1\r\nHost: local host\r\n\r\n", 400),
        Example("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        Example("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 421),
        Example("GET ftp://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        Example("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a\r\nOrigin: http://b\r\n\r\n", 400),
        Example("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
        Example("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3, 3\r\n\r\nabc", 400),
        Example("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: +3\r\n\r\nabc", 400),
        Example(
            "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400),
        Example("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
        Example("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        Example("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2097153\r\n\r\n", 413),
        Example("POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\n\r\n", 417),
        Example("GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n folded\r\n\r\n", 400),
        Example("GET / HTTP/1.1\r\nHost: localhost\r\nA: \0\r\n\r\n", 400),
        Example("GET /\(String(repeating: "x", count: 8192)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        Example("GET / HTTP/1.1\r\nHost: localhost\r\n\(String(repeating: "A: b\r\n", count: 100))\r\n", 431),
        Example("GET / HTTP/1.1\r\nHost: localhost\r\nA: \(String(repeating: "x", count: 32768))\r\n\r\n", 431),
        Example("GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", 400),
        Example("GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 400),
        Example("G@T / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        Example("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        Example("hello\r\n\r\n", 400),
    ]

    @Test func badRequestsAreRefusedAndClosed() async throws {
        try await withTestServer { port in
            for example in Self.refused {
                let (response, rest) = try await RawClient.connect(to: port) { client in
                    try await client.send(example.request)
                    return (try await client.readResponse(), try await client.readToEnd())
                }
                #expect(response.status == example.status, "\(example.testDescription)")
                #expect(response.headers["connection"] == "close")
                #expect(response.headers["content-type"] == "application/json")
                #expect(response.body.hasPrefix(#"{"error":{"#), "\(response.body)")
                for key in [#""code":""#, #""message":""#, #""requestId":""#] { #expect(response.body.contains(key)) }
                #expect(rest.isEmpty, "nothing follows a refusal")
            }
        }
    }

    @Test(arguments: ["localhost:1", "127.0.0.1", "[::1]:4000", "x.localhost", "chat.example.org"])
    func ourHostsAreServed(host: String) async throws {
        let response = try await withTestServer {
            $0.hosts = HostPolicy(allowed: ["chat.example.org"])
        } _: { port in
            try await RawClient.connect(to: port) { client in
                try await client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
                return try await client.readResponse()
            }
        }
        #expect(response.status == 200)
        #expect(response.body == "hello")
    }

    @Test func oneConnectionServesManyRequests() async throws {
        try await withTestServer { port in
            try await RawClient.connect(to: port) { client in
                for _ in 0..<3 {
                    try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    #expect(try await client.readResponse().body == "hello")
                }
                try await client.send(
                    "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
                #expect(try await client.readResponse(toHead: true).headers["content-length"] == "5")
                #expect(try await client.readResponse().body == "one two three")
                try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                let last = try await client.readResponse()
                #expect(last.headers["connection"] == "close")
                #expect(try await client.readToEnd().isEmpty)
            }
        }
    }

    /// Bodies of every kind, a request split anywhere, all in one stream.
    @Test(arguments: [1, 2, 7, 64, 100_000])
    func pipelinedRequestsAreAnsweredInOrder(size: Int) async throws {
        let stream = Array(
            """
            POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\none\
            GET / HTTP/1.1\r\nHost: localhost\r\n\r\n\
            POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ntw\r\n1\r\no\r\n0\r\n\r\n\
            POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n\
            \r\nPOST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nthree\
            GET /nowhere HTTP/1.1\r\nHost: evil.example\r\n\r\n\
            GET / HTTP/1.1\r\nHost: localhost\r\n\r\n
            """.utf8
        )
        try await withTestServer { port in
            try await RawClient.connect(to: port) { client in
                for start in stride(from: 0, to: stream.count, by: size) {
                    // What follows the refusal may find the connection closed.
                    try? await client.send(Array(stream[start..<min(start + size, stream.count)]))
                }
                for body in ["one", "hello", "two", "", "three"] {
                    let response = try await client.readResponse()
                    #expect(response.status == 200)
                    #expect(response.body == body)
                }
                #expect(try await client.readResponse().status == 421)
                #expect(try await client.readToEnd().isEmpty)
            }
        }
    }

    @Test func aChunkedBodyIsCutAtTheLimit() async throws {
        try await withTestServer {
            $0.bodyLimit = { $0.path == "/echo" ? 1000 : nil }
        } _: { port in
            let chunk = "64\r\n" + String(repeating: "x", count: 100) + "\r\n"
            let head = "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            try await RawClient.connect(to: port) { client in
                try await client.send(head + String(repeating: chunk, count: 10) + "0\r\n\r\n")
                #expect(try await client.readResponse().body.count == 1000)
                try await client.send(head + String(repeating: chunk, count: 11))
                let response = try await client.readResponse()
                #expect(response.status == 413)
                #expect(response.body.contains(#""code":"payload_too_large""#))
                #expect(try await client.readToEnd().isEmpty)
            }
        }
    }

    @Test func aClientThatAsksFirstIsToldToContinue() async throws {
        try await withTestServer { port in
            try await RawClient.connect(to: port) { client in
                try await client.send(
                    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                #expect(try await client.readResponse().status == 100)
                try await client.send("ok")
                #expect(try await client.readResponse().body == "ok")
            }
        }
    }

    @Test func oldClientsGetOneAnswer() async throws {
        try await withTestServer { port in
            try await RawClient.connect(to: port) { client in
                try await client.send("GET / HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")
                #expect(try await client.readResponse().headers["connection"] == "close")
                #expect(try await client.readToEnd().isEmpty)
            }
        }
    }

    private func withLimits(
        _ change: (inout HTTPLimits) -> Void,
        _ body: @escaping @Sendable (inout RawClient) async throws -> Void
    ) async throws {
        var limits = HTTPLimits()
        change(&limits)
        try await withTestServer { [limits] in
            $0.limits = limits
        } _: { port in
            try await RawClient.connect(to: port, body)
        }
    }

    @Test(arguments: ["", "G", "GET / HTTP/1.1\r\nHost: local"])
    func slowHeadsAreRefused(start: String) async throws {
        try await withLimits {
            $0.headTime = .milliseconds(200)
        } _: { client in
            try await client.send(start)
            #expect(try await client.readResponse().status == 408)
            #expect(try await client.readToEnd().isEmpty)
        }
    }

    @Test func aSlowHeadBehindARequestIsRefused() async throws {
        try await withLimits {
            $0.headTime = .seconds(5)
        } _: { client in
            try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHo")
            #expect(try await client.readResponse().status == 200)
            #expect(try await client.readResponse().status == 408)
        }
    }

    @Test func slowBodiesAreRefused() async throws {
        try await withLimits {
            $0.bodyTime = .milliseconds(200)
        } _: { client in
            try await client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
            #expect(try await client.readResponse().status == 408)
            #expect(try await client.readToEnd().isEmpty)
        }
    }

    @Test func idleConnectionsAreClosedWithoutAWord() async throws {
        try await withLimits {
            $0.idleTime = .milliseconds(200)
        } _: { client in
            try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await client.readResponse().status == 200)
            #expect(try await client.readToEnd().isEmpty)
        }
    }
}

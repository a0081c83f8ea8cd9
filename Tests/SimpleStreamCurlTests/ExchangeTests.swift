import HTTPTypes
import SimpleStreamKit
import Testing
import TestSupport

@testable import SimpleStreamCurl

/// Requests and responses, on every way to wait for sockets.
@Suite(.timeLimit(.minutes(2)))
struct ExchangeTests {
    @Test(arguments: EventLoop.Mechanism.allCases)
    func headAndBodyArrive(mechanism: EventLoop.Mechanism) async throws {
        let reply = ScriptedUpstream.Reply.response(
            status: 201,
            headers: [("X-One", "1"), ("x-one", "2"), ("x-empty", "")],
            pieces: ["Hello ", "world"]
        )
        try await withScriptedUpstream(reply) { upstream in
            let transport = try CurlTransport.test(mechanism)
            try await transport.get("/a/../b?c=d", from: upstream) { head, body in
                #expect(head.status == .created)
                #expect(head.headerFields[values: HTTPField.Name("x-one")!] == ["1", "2"])
                #expect(head.headerFields[HTTPField.Name("x-empty")!] == "")
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
}

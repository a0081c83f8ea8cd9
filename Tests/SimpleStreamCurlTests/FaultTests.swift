import HTTPTypes
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamCurl

/// What broken and hostile servers lead to.
@Suite(.timeLimit(.minutes(2)))
struct FaultTests {
    typealias Reply = ScriptedUpstream.Reply

    @Test(
        arguments: [
            ("garbage", Reply.garbage, ChatError.Code.providerProtocol),
            ("endless head", .endlessHead, .providerProtocol),
            ("endless header line", .endlessHeaderLine, .providerProtocol),
            ("endless line", .endlessLine, .providerProtocol),
            ("bad status", .raw("HTTP/1.1 999 Odd\r\n\r\n", then: .close), .providerProtocol),
            ("early close", .earlyClose, .providerUnavailable),
            ("early reset", .earlyReset, .providerUnavailable),
            ("reset in the stream", .sse(events: ["a"]).replacingLast(with: .reset), .providerUnavailable),
            ("close in a chunked body", .sse(events: ["a"]).replacingLast(with: .close), .providerUnavailable),
            (
                "close before the length",
                .head(headers: [("content-length", "10")], then: .bytes(Array("four".utf8)), .close),
                .providerUnavailable
            ),
            (
                "bad chunk", .head(headers: [("transfer-encoding", "chunked")], then: .bytes(Array("zz\r\n".utf8))),
                .providerProtocol
            ),
        ],
        EventLoop.Mechanism.allCases
    )
    func faultsHaveTheirCode(fault: (String, Reply, ChatError.Code), mechanism: EventLoop.Mechanism) async throws {
        try await withScriptedUpstream(fault.1) { upstream in
            let transport = try CurlTransport.test(mechanism)
            let options = TransportOptions.plain { $0.maxBodyBytes = 1 << 20 }
            let error = await transport.failure(from: upstream, options: options)
            #expect(error?.code == fault.2, "\(fault.0): \(String(reflecting: error))")
            #expect(error?.message.contains("127.0.0.1") == true)
        }
    }

    @Test
    func bytesBeforeAFaultArrive() async throws {
        let gate = ScriptedUpstream.Gate()
        let reply = Reply.head(
            headers: [("transfer-encoding", "chunked")],
            then: .chunk("kept"), .gate(gate), .reset
        )
        try await withScriptedUpstream(reply) { upstream in
            let transport = try CurlTransport.test()
            try await transport.get(from: upstream) { _, body in
                var iterator = body.makeAsyncIterator()
                let chunk = try await iterator.next()
                #expect(chunk == Array("kept".utf8))
                gate.advance()
                do throws(ChatError) {
                    _ = try await iterator.next()
                    Issue.record("a cut stream ended like a whole one")
                } catch {
                    #expect(error.code == .providerUnavailable)
                    #expect(error.isRetryable)
                }
            }
        }
    }

    @Test
    func boundsHoldExactly() async throws {
        let body = String(repeating: "x", count: 1000)
        try await withScriptedUpstream(.response(pieces: [body])) { upstream in
            let transport = try CurlTransport.test()
            let fitting = try await transport.text(from: upstream, options: .plain { $0.maxBodyBytes = 1000 })
            #expect(fitting == body)
            let tooLong = await transport.failure(from: upstream, options: .plain { $0.maxBodyBytes = 999 })
            #expect(tooLong?.code == .providerProtocol)
            // "HTTP/1.1 200 OK", "content-length: 1000" and an empty line.
            let fittingHead = try await transport.text(from: upstream, options: .plain { $0.maxHeadBytes = 41 })
            #expect(fittingHead == body)
            let tooLongHead = await transport.failure(from: upstream, options: .plain { $0.maxHeadBytes = 40 })
            #expect(tooLongHead?.code == .providerProtocol)
        }
    }

    @Test
    func nobodyListening() async throws {
        let port = try await withScriptedUpstream(.silence) { $0.port }
        let request = HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:\(port)", path: "/")
        await #expect {
            try await CurlTransport.test().withResponse(to: request, content: [], options: .plain()) { _, _ in }
        } throws: { error in
            (error as? ChatError)?.code == .providerUnavailable && (error as? ChatError)?.isRetryable == true
        }
    }

    @Test
    func plainHTTPNeedsPermission() async throws {
        try await withScriptedUpstream(.json("{}")) { upstream in
            let error = try await CurlTransport.test().failure(
                from: upstream,
                options: .plain { $0.allowsPlainHTTP = false }
            )
            #expect(error?.code == .invalidRequest)
            #expect(upstream.connectionsOpened.count == 0)
        }
    }
}

import HTTPTypes
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamCurl

/// Each timer ends its own phase, and only that.
@Suite(.timeLimit(.minutes(2)))
struct TimerTests {
    /// Long enough never to end in a test.
    static let never = Duration.seconds(1000)

    @Test(arguments: EventLoop.Mechanism.allCases)
    func connectTimer(mechanism: EventLoop.Mechanism) async throws {
        // A server that takes the connection but says nothing leaves TLS unfinished.
        try await withScriptedUpstream(.silence) { upstream in
            let transport = try CurlTransport.test(mechanism)
            let request = HTTPRequest(method: .get, scheme: "https", authority: upstream.authority, path: "/")
            let options = TransportOptions.plain { $0.connectTimeout = .milliseconds(50) }
            await #expect {
                try await transport.withResponse(to: request, content: [], options: options) { _, _ in }
            } throws: { error in
                let error = error as? ChatError
                return error?.code == .providerStalled && error?.message.contains("Connecting") == true
            }
            try await upstream.connectionClosed()
        }
    }

    @Test(arguments: EventLoop.Mechanism.allCases)
    func firstByteTimer(mechanism: EventLoop.Mechanism) async throws {
        try await withScriptedUpstream(.silence) { upstream in
            let transport = try CurlTransport.test(mechanism)
            let options = TransportOptions.plain {
                $0.firstByteTimeout = .milliseconds(50)
                $0.idleTimeout = Self.never
            }
            let error = await transport.failure(from: upstream, options: options)
            #expect(error?.code == .providerStalled)
            #expect(error?.message.contains("did not answer") == true)
            try await upstream.connectionClosed()
        }
    }

    @Test(arguments: EventLoop.Mechanism.allCases)
    func idleTimer(mechanism: EventLoop.Mechanism) async throws {
        // In one piece, so that no slow machine makes a pause of it.
        let reply = ScriptedUpstream.Reply.raw(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n",
            then: .hold
        )
        try await withScriptedUpstream(reply) { upstream in
            let transport = try CurlTransport.test(mechanism)
            let options = TransportOptions.plain { $0.idleTimeout = .milliseconds(50) }
            try await transport.get(from: upstream, options: options) { _, body in
                var iterator = body.makeAsyncIterator()
                let chunk = try await iterator.next()
                #expect(chunk == Array("data: a\n\n".utf8))
                do throws(ChatError) {
                    _ = try await iterator.next()
                    Issue.record("silence ended the body")
                } catch {
                    #expect(error.code == .providerStalled)
                    #expect(error.message.contains("sent nothing"))
                }
            }
            try await upstream.connectionClosed()
        }
    }

    /// An exchange on a loop that does not run, whose time stands still.
    private func exchange(on core: LoopCore) throws -> Exchange {
        let request = HTTPRequest(method: .get, scheme: "https", authority: "provider.test", path: "/")
        let plan = try RequestPlan(request, content: [], options: .plain(), proxies: ProxySettings(environment: [:]))
        return Exchange(plan, on: core)
    }

    @Test
    func silenceIsCountedFromWhatCameLast() throws {
        let multi = try CurlMulti()
        let core = LoopCore(multi, PollDriver(multi), threadEnded: {})
        let exchange = try exchange(on: core)
        func restarts(_ timeout: Duration, _ event: () -> Void) -> Bool {
            var now = MonotonicTime.now
            while now <= core.now { now = MonotonicTime.now }
            event()
            return exchange.deadline >= now + MonotonicTime.nanoseconds(timeout)
        }
        let options = TransportOptions.plain()
        let connection = restarts(options.firstByteTimeout) { _ = exchange.connected(to: "192.0.2.1") }
        #expect(connection)
        let head = restarts(options.idleTimeout) {
            for line in ["HTTP/1.1 200 OK\r\n", "\r\n"] {
                _ = unsafe Array(line.utf8).withUnsafeBytes { unsafe exchange.headLineArrived($0) }
            }
        }
        #expect(head)
        let body = restarts(options.idleTimeout) {
            _ = unsafe [UInt8(1)].withUnsafeBytes { unsafe exchange.bodyArrived($0) }
        }
        #expect(body)
    }

    @Test
    func aSlowReaderIsNotASilentSender() throws {
        let multi = try CurlMulti()
        let core = LoopCore(multi, PollDriver(multi), threadEnded: {})
        let exchange = try exchange(on: core)
        let bytes = [UInt8](repeating: 1, count: Exchange.highWaterMark)
        unsafe bytes.withUnsafeBytes { bytes in
            #expect(unsafe exchange.bodyArrived(bytes) == .taken)
            #expect(exchange.deadline != .max)
            #expect(unsafe exchange.bodyArrived(bytes) == .paused)
            #expect(exchange.deadline == .max)
        }
        exchange.unpauseOnThread()
        #expect(exchange.deadline != .max)
    }
}

import HTTPTypes
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamCurl

/// Unfinished exchanges close their connection, whichever way they end.
@Suite(.timeLimit(.minutes(2)))
struct CancellationTests {
    static let streaming = ScriptedUpstream.Reply.sse(events: ["a"]).replacingLast(with: .hold)

    @Test(arguments: EventLoop.Mechanism.allCases)
    func cancelBeforeTheHead(mechanism: EventLoop.Mechanism) async throws {
        try await withScriptedUpstream(.silence) { upstream in
            let transport = try CurlTransport.test(mechanism)
            let task = Task { try await transport.text(from: upstream) }
            _ = try await upstream.request()
            task.cancel()
            await #expect { try await task.value } throws: { ($0 as? ChatError)?.code == .cancelled }
            try await upstream.connectionClosed()
        }
    }

    @Test(arguments: EventLoop.Mechanism.allCases, [true, false])
    func cancelInTheBody(mechanism: EventLoop.Mechanism, onLoop: Bool) async throws {
        try await withScriptedUpstream(Self.streaming) { upstream in
            let transport = try CurlTransport.test(mechanism)
            let reached = ScriptedUpstream.Gate()
            let task = Task(executorPreference: onLoop ? transport.executor : nil) {
                try await transport.get(from: upstream) { _, body in
                    for try await _ in body { reached.advance() }
                }
            }
            try await reached.wait()
            task.cancel()
            await #expect { try await task.value } throws: { ($0 as? ChatError)?.code == .cancelled }
            try await upstream.connectionClosed()
        }
    }

    @Test(arguments: EventLoop.Mechanism.allCases)
    func cancelWhileTheBodyIsBusy(mechanism: EventLoop.Mechanism) async throws {
        try await withScriptedUpstream(Self.streaming) { upstream in
            let transport = try CurlTransport.test(mechanism)
            let reached = ScriptedUpstream.Gate()
            let task = Task {
                try await transport.get(from: upstream) { _, body in
                    reached.advance()
                    // Waits for the close, and does not look at its own cancellation.
                    try await Task { try await upstream.connectionClosed() }.value
                }
            }
            try await reached.wait()
            task.cancel()
            try await task.value
        }
    }

    @Test
    func cancelledFromTheStart() async throws {
        try await withScriptedUpstream(Self.streaming) { upstream in
            let transport = try CurlTransport.test()
            let task = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await transport.text(from: upstream)
            }
            await #expect { try await task.value } throws: { ($0 as? ChatError)?.code == .cancelled }
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test(arguments: EventLoop.Mechanism.allCases, [true, false])
    func leavingClosesBeforeItReturns(mechanism: EventLoop.Mechanism, onLoop: Bool) async throws {
        try await withScriptedUpstream(Self.streaming) { upstream in
            let transport = try CurlTransport.test(mechanism)
            try await Task(executorPreference: onLoop ? transport.executor : nil) {
                try await transport.get(from: upstream) { head, _ in #expect(head.status == .ok) }
                let open = OpenSockets.count(to: upstream.port)
                #expect(open == 0)
            }.value
            try await upstream.connectionClosed()
        }
    }

    @Test
    func throwingClosesBeforeItReturns() async throws {
        try await withScriptedUpstream(Self.streaming) { upstream in
            let transport = try CurlTransport.test()
            await #expect(throws: CancellationError.self) {
                try await transport.get(from: upstream) { _, _ in throw CancellationError() }
            }
            #expect(OpenSockets.count(to: upstream.port) == 0)
            try await upstream.connectionClosed()
        }
    }

    @Test
    func aFinishedExchangeKeepsItsConnection() async throws {
        try await withScriptedUpstream(.json("{}")) { upstream in
            let transport = try CurlTransport.test()
            _ = try await transport.text(from: upstream)
            let open = OpenSockets.count(to: upstream.port)
            #expect(open == 1)
            _ = try await transport.text(from: upstream)
            #expect(upstream.connectionsOpened.count == 1)
            #expect(upstream.connectionsClosed.count == 0)
        }
    }
}

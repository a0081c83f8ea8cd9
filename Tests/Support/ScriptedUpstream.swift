import NIOCore
import NIOPosix
import Synchronization

/// A real-socket HTTP/1.1 server that answers by script, records what it was asked and sees when a client leaves.
///
/// ```swift
/// try await withScriptedUpstream(.sse(events: ["{\"text\":\"Hi\"}"])) { upstream in
///     try await useProvider(at: upstream.url)
///     #expect(upstream.requests.first?.path == "/v1/chat")
/// }
/// ```
///
/// Each test makes its own, on a free loopback port, so tests run side by side.
package final class ScriptedUpstream: Sendable {
    /// Gives the reply to a request; `index` counts the requests of all connections from 0.
    package typealias Script = @Sendable (_ request: Request, _ index: Int) -> Reply

    /// The port it listens on, at 127.0.0.1.
    package let port: Int

    /// Counts the requests that arrived.
    package let requestsArrived = Gate()
    /// Counts the connections that were opened.
    package let connectionsOpened = Gate()
    /// Counts the connections that the client closed, or cut, before the script did.
    package let connectionsClosed = Gate()

    let script: Script
    private let recorded = Mutex<[Request]>([])
    private let sent = Atomic<Int>(0)

    init(port: Int, script: @escaping Script) {
        self.port = port
        self.script = script
    }

    /// Host and port, as in a request's authority.
    package var authority: String { "127.0.0.1:\(port)" }

    /// The base URL, without a slash at its end.
    package var url: String { "http://\(authority)" }

    /// The requests so far, in the order of their arrival.
    package var requests: [Request] { recorded.withLock { $0 } }

    /// The bytes that sockets have taken so far, over all connections, heads included.
    package var bytesSent: Int { sent.load(ordering: .relaxed) }

    /// Waits for the request with that index, the first one by default.
    package func request(at index: Int = 0) async throws -> Request {
        try await requestsArrived.wait(for: index + 1)
        return recorded.withLock { $0[index] }
    }

    /// Waits until clients have closed `count` connections that the script had not ended.
    package func connectionClosed(count: Int = 1) async throws {
        try await connectionsClosed.wait(for: count)
    }

    func record(_ request: Request) -> Int {
        let index = recorded.withLock {
            $0.append(request)
            return $0.count - 1
        }
        requestsArrived.advance()
        return index
    }

    func recordSent(_ count: Int) { sent.add(count, ordering: .relaxed) }
}

/// Runs `test` with an upstream that gives `replies` in the order of the requests; the last one repeats.
package func withScriptedUpstream<R: Sendable>(
    _ replies: ScriptedUpstream.Reply...,
    test: (ScriptedUpstream) async throws -> R
) async throws -> R {
    try await withScriptedUpstream(
        script: { _, index in
            replies.indices.contains(index) ? replies[index] : replies.last ?? .response(status: 500)
        },
        test: test
    )
}

/// Runs `test` with an upstream that asks `script` for the reply to each request.
package func withScriptedUpstream<R: Sendable>(
    script: @escaping ScriptedUpstream.Script,
    test: (ScriptedUpstream) async throws -> R
) async throws -> R {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.backlog, value: 2048)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .bind(host: "127.0.0.1", port: 0) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    let upstream = ScriptedUpstream(port: server.channel.localAddress?.port ?? 0, script: script)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            try await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { serving in
                    for try await connection in connections {
                        serving.addTask { await upstream.serve(connection) }
                    }
                }
            }
        }
        let result = try await test(upstream)
        group.cancelAll()
        return result
    }
}

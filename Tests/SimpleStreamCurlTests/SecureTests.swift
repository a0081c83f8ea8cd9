import HTTPTypes
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamCurl

/// TLS over HTTP/1.1 and HTTP/2.
@Suite(.timeLimit(.minutes(2)))
struct SecureTests {
    @Test(
        .enabled(if: SecureServer.Kind.http1.isAvailable, "needs openssl and python3"),
        arguments: EventLoop.Mechanism.allCases
    )
    func certificatesAreVerified(mechanism: EventLoop.Mechanism) async throws {
        try await SecureServer.with(.http1) { server in
            let transport = try CurlTransport.test(mechanism)
            #expect(try await Self.body(of: "/", server, transport, caFile: server.caFile) == SecureServer.body)
            let unknown = await Self.failure(server, transport, caFile: nil)
            #expect(unknown?.code == .providerUnavailable)
            #expect(unknown?.isRetryable == false)
            #expect(unknown?.message.contains("certificate") == true)
            let missing = await Self.failure(server, transport, caFile: "/nowhere/ca.pem")
            #expect(missing?.code == .providerUnavailable)
            #expect(missing?.isRetryable == false)
            #expect(missing?.message.contains("/nowhere") == false)
        }
    }

    @Test(
        .enabled(if: SecureServer.Kind.http2.isAvailable, "needs openssl and nghttpd"),
        arguments: EventLoop.Mechanism.allCases
    )
    func http2IsSpoken(mechanism: EventLoop.Mechanism) async throws {
        try await SecureServer.with(.http2) { server in
            let transport = try CurlTransport.test(mechanism)
            let caFile = server.caFile
            let port = server.port
            for _ in 0..<10 {
                let body = try await Self.body(of: "/", server, transport, caFile: caFile)
                #expect(body == SecureServer.body)
            }
            let open = OpenSockets.count(to: port)
            #expect(open == 1)
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask { try await Self.body(of: "/", port, transport, caFile: caFile) }
                }
                for try await body in group { #expect(body == SecureServer.body) }
            }
        }
    }

    @Test(
        .enabled(if: SecureServer.Kind.http2.isAvailable, "needs openssl and nghttpd"),
        arguments: EventLoop.Mechanism.allCases
    )
    func http2ExchangesAreLeftAndPaused(mechanism: EventLoop.Mechanism) async throws {
        try await SecureServer.with(.http2) { server in
            let transport = try CurlTransport.test(mechanism)
            let options = TransportOptions(caFile: server.caFile, proxy: "")
            let large = Self.request("/large", server.port)
            let seen = try await transport.withResponse(to: large, content: [], options: options) { _, body in
                var iterator = body.makeAsyncIterator()
                var seen = try await iterator.next()?.count ?? 0
                // Another one is left in its middle, which closes its connection and no other, ...
                try await transport.withResponse(to: large, content: [], options: options) { _, body in
                    var iterator = body.makeAsyncIterator()
                    _ = try await iterator.next()
                    let open = OpenSockets.count(to: server.port)
                    #expect(open == 2)
                }
                let open = OpenSockets.count(to: server.port)
                #expect(open == 1)
                // ... and a third one is whole.
                let other = try await Self.body(of: "/", server, transport, caFile: server.caFile)
                #expect(other == SecureServer.body)
                while let chunk = try await iterator.next() {
                    #expect(chunk.count <= Exchange.highWaterMark + (64 << 10))
                    seen += chunk.count
                }
                return seen
            }
            #expect(seen == SecureServer.largeSize)
        }
    }

    private static func request(_ path: String, _ port: Int) -> HTTPRequest {
        HTTPRequest(method: .get, scheme: "https", authority: "localhost:\(port)", path: path)
    }

    private static func body(
        of path: String,
        _ server: SecureServer,
        _ transport: CurlTransport,
        caFile: String?
    ) async throws -> String {
        try await body(of: path, server.port, transport, caFile: caFile)
    }

    private static func body(
        of path: String,
        _ port: Int,
        _ transport: CurlTransport,
        caFile: String?
    ) async throws -> String {
        let options = TransportOptions(caFile: caFile, proxy: "")
        return try await transport.withResponse(to: request(path, port), content: [], options: options) { _, body in
            String(decoding: try await body.collect(upTo: SecureServer.largeSize), as: UTF8.self)
        }
    }

    private static func failure(_ server: SecureServer, _ transport: CurlTransport, caFile: String?) async -> ChatError?
    {
        do {
            _ = try await body(of: "/", server, transport, caFile: caFile)
            return nil
        } catch {
            return error as? ChatError
        }
    }
}

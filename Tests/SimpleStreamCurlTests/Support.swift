import HTTPTypes
import SimpleStreamKit
import TestSupport

@testable import SimpleStreamCurl

extension CurlTransport {
    /// A transport that sees no proxy in the environment.
    static func test(_ mechanism: EventLoop.Mechanism = .standard) throws -> CurlTransport {
        try CurlTransport(environment: [:], mechanism: mechanism)
    }

    /// Sends a request to a plain upstream.
    func get<R>(
        _ path: String = "/",
        from upstream: ScriptedUpstream,
        options: TransportOptions = .plain(),
        _ body: (HTTPResponse, HTTPBody) async throws -> sending R
    ) async throws -> sending R {
        try await withResponse(to: .to(upstream, path), content: [], options: options, body)
    }

    /// The body as text.
    func text(_ path: String = "/", from upstream: ScriptedUpstream, options: TransportOptions = .plain()) async throws
        -> String
    {
        try await get(path, from: upstream, options: options) { _, body in
            String(decoding: try await body.collect(upTo: 16 << 20), as: UTF8.self)
        }
    }

    /// The error that a request ends with.
    func failure(
        from upstream: ScriptedUpstream,
        path: String = "/",
        options: TransportOptions = .plain()
    ) async -> ChatError? {
        do {
            _ = try await text(path, from: upstream, options: options)
            return nil
        } catch {
            return error as? ChatError
        }
    }
}

extension HTTPRequest {
    static func to(_ upstream: ScriptedUpstream, _ path: String = "/", method: Method = .get) -> HTTPRequest {
        HTTPRequest(method: method, scheme: "http", authority: upstream.authority, path: path)
    }
}

extension TransportOptions {
    /// For upstreams without TLS, with what a test wants to differ.
    static func plain(_ change: (inout TransportOptions) -> Void = { _ in }) -> TransportOptions {
        var options = TransportOptions(proxy: "", allowsPlainHTTP: true)
        // Longer than a busy machine takes; tests of the time say their own.
        options.connectTimeout = .seconds(60)
        change(&options)
        return options
    }
}

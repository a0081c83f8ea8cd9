public import HTTPTypes
public import SimpleStreamKit

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Speaks HTTP/1.1 and HTTP/2 through libcurl.
///
/// One thread drives all exchanges of a transport: make one and share it. The thread starts with the transport and
/// ends when the last copy is gone. Run a task on ``executor`` and it gets its bytes without a change of thread;
/// such a task must not block.
///
/// - Redirects are not followed, `.netrc` is not read and bodies are not decompressed.
/// - Certificates are verified; `http:` needs ``TransportOptions/allowsPlainHTTP``.
/// - A response that nobody reads is paused at 256 KiB.
public struct CurlTransport: HTTPTransport {
    let loop: EventLoop
    private let proxies: ProxySettings

    /// Starts a transport.
    ///
    /// - Parameter environment: where `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` are looked up for requests
    ///   that name no proxy.
    /// - Throws: `internal` when the system has no thread or no descriptor left.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(ChatError) {
        try self.init(environment: environment, mechanism: .standard)
    }

    init(environment: [String: String], mechanism: EventLoop.Mechanism) throws(ChatError) {
        self.init(environment: environment, loop: try EventLoop(mechanism: mechanism))
    }

    init(environment: [String: String], loop: EventLoop) {
        self.loop = loop
        proxies = ProxySettings(environment: environment)
    }

    /// The thread that drives the exchanges.
    public var executor: (any TaskExecutor)? { loop }

    public func withResponse<R>(
        to request: HTTPRequest,
        content: [UInt8],
        options: TransportOptions,
        _ body: (HTTPResponse, HTTPBody) async throws -> sending R
    ) async throws -> sending R {
        let plan = try RequestPlan(request, content: content, options: options, proxies: proxies)
        let exchange = Exchange(plan, on: loop.core)
        let outcome = try await withTaskCancellationHandler {
            exchange.start()
            do {
                let head = try await exchange.head()
                let value = try await body(head, HTTPBody { () throws(ChatError) in try await exchange.nextChunk() })
                await exchange.close()
                return Transferred(value)
            } catch {
                await exchange.close()
                throw error
            }
        } onCancel: {
            exchange.cancel()
        }
        return outcome.take()
    }
}

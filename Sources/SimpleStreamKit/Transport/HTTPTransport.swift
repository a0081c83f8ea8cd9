public import HTTPTypes

/// Sends HTTP requests and hands over the response as it arrives.
///
/// - `body` gets the head as soon as it is there, and pulls the bytes; bytes nobody pulls stop the sender.
/// - Leaving `body`, by any way, and cancelling the task close an unfinished exchange at once, before
///   `withResponse` returns.
/// - Redirects are not followed; any status is a response, not an error.
/// - Failures to reach, to keep or to trust the other side are ``ChatError``s: `provider_unavailable`,
///   `provider_stalled` for a timer, `provider_protocol` for bytes that are not HTTP or pass a bound.
public protocol HTTPTransport: Sendable {
    /// Where bytes arrive; see ``ChatProvider/executor``.
    var executor: (any TaskExecutor)? { get }

    /// Sends `request` with `content` as its body.
    func withResponse<R>(
        to request: HTTPRequest,
        content: [UInt8],
        options: TransportOptions,
        _ body: (HTTPResponse, HTTPBody) async throws -> sending R
    ) async throws -> sending R
}

extension HTTPTransport {
    public var executor: (any TaskExecutor)? { nil }
}

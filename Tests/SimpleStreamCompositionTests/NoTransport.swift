import HTTPTypes
import SimpleStreamKit

/// Reaches nobody.
struct NoTransport: HTTPTransport {
    func withResponse<R>(
        to request: HTTPRequest,
        content: [UInt8],
        options: TransportOptions,
        _ body: (HTTPResponse, HTTPBody) async throws -> sending R
    ) async throws -> sending R {
        throw ChatError(.providerUnavailable, "Nobody is there.")
    }
}

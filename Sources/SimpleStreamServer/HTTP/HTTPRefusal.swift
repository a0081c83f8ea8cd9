package import HTTPTypes
package import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A request that is not served, and how the peer is told.
package struct HTTPRefusal: Error, Sendable, Equatable {
    package var status: HTTPResponse.Status
    package var code: ChatError.Code
    /// Safe to show to anyone.
    package var message: String
    /// Fields for the response besides those every error has.
    package var headers: HTTPFields
    /// How long to wait before trying again, in milliseconds.
    package var retryAfterMs: Int?

    package init(
        _ status: HTTPResponse.Status,
        _ code: ChatError.Code,
        _ message: String,
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    static func badRequest(_ message: String) -> HTTPRefusal { HTTPRefusal(.badRequest, message: message) }

    /// A request that is malformed, under any status.
    init(_ status: HTTPResponse.Status, message: String, headers: HTTPFields = [:]) {
        self.init(status, .invalidRequest, message, headers: headers)
    }

    static let headTooLarge = HTTPRefusal(.requestHeaderFieldsTooLarge, message: "The request head is too large.")
    static let targetTooLong = HTTPRefusal(.uriTooLong, message: "The request target is too long.")
    static let tooSlow = HTTPRefusal(.requestTimeout, message: "The request took too long to arrive.")
    static let bodyTooLarge = HTTPRefusal(.contentTooLarge, .payloadTooLarge, "The request body is too large.")
    static let foreignHost = HTTPRefusal(.misdirectedRequest, .forbidden, "This server does not serve that host.")
    static let busy = HTTPRefusal(.serviceUnavailable, .draining, "The server cannot answer now. Try again.")

    /// The JSON body: `{"error": {"code", "message", "requestId", "retryAfterMs"?}}`.
    package func body(requestID: String) -> [UInt8] {
        let body = ErrorBody(
            error: .init(code: code.rawValue, message: message, requestId: requestID, retryAfterMs: retryAfterMs))
        // Three strings always encode; an empty body would still carry the status.
        return (try? JSONEncoder().encode(body)).map { [UInt8]($0) } ?? []
    }

    private struct ErrorBody: Encodable {
        struct Detail: Encodable {
            var code: String
            var message: String
            var requestId: String
            var retryAfterMs: Int?
        }
        var error: Detail
    }
}

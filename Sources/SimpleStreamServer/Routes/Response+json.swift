import HTTPTypes
import Hummingbird
import NIOCore
import SimpleStreamKit

extension Response {
    /// A JSON response that no cache keeps.
    static func json(
        _ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        .json(encoded: ByteBuffer(bytes: value.encoded), status: status, headers: headers)
    }

    /// The same of JSON that is encoded already.
    static func json(
        encoded bytes: ByteBuffer, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }

    /// A page of a list.
    static func list(_ items: [JSONValue], nextCursor: String? = nil) -> Response {
        var value: JSONValue = ["items": .array(items)]
        value["nextCursor"] = nextCursor.map(JSONValue.string)
        return .json(value)
    }

    /// Another place to go, by GET.
    static func redirect(to place: String, cookies: [String]) -> Response {
        Response(status: .seeOther, headers: [.location: place, .cacheControl: "no-store"]).setting(cookies)
    }

    /// The response with cookies for the browser.
    func setting(_ cookies: [String]) -> Response {
        var response = self
        for cookie in cookies { response.headers.append(HTTPField(name: .setCookie, value: cookie)) }
        return response
    }

    /// Done, nothing to say.
    static var done: Response { Response(status: .noContent, headers: [.cacheControl: "no-store"]) }
}

extension HTTPRefusal {
    /// What a client is told of an error of the engine.
    init(_ error: ChatError) {
        var headers: HTTPFields = [:]
        if let delay = error.retryAfter {
            headers[.retryAfter] = String(max(1, (delay.milliseconds + 999) / 1000))
        }
        self.init(error.code.status, error.code, error.message, headers: headers)
        retryAfterMs = error.retryAfter?.milliseconds
    }

    /// The response with `{"error": {…}}`.
    func response(requestID: String) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body(requestID: requestID))))
    }
}

extension ChatError.Code {
    /// The status that fits.
    var status: HTTPResponse.Status {
        switch self {
        case .invalidMessage, .invalidRequest, .noProviderKey, .providerInvalidRequest, .contextLengthExceeded,
            .contentFiltered:
            .badRequest
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .notFound, .providerModelNotFound: .notFound
        case .conversationBusy, .idempotencyConflict: .conflict
        case .payloadTooLarge: .contentTooLarge
        case .rateLimited, .quotaExceeded, .providerRateLimited, .providerQuotaExhausted: .tooManyRequests
        case .providerAuth, .providerPermission, .providerProtocol: .badGateway
        case .providerOverloaded, .providerUnavailable, .interrupted, .storageUnavailable, .draining:
            .serviceUnavailable
        case .providerStalled: .gatewayTimeout
        default: .internalServerError
        }
    }
}

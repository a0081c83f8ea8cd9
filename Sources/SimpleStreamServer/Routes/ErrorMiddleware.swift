import HTTPTypes
import Hummingbird
import Logging
import SimpleStreamKit

/// Turns whatever goes wrong into the protocol's words, and adds what every response says.
struct ErrorMiddleware: RouterMiddleware {
    typealias Context = APIContext

    /// Whether users reach the server by TLS, whatever this connection says.
    var isPublicSecure = false

    @concurrent func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let refusal = Self.refusal(for: error)
            if refusal.status.kind == .serverError {
                context.logger.warning(
                    "A request failed",
                    metadata: ["ss.request.id": "\(context.requestID)", "ss.error.code": "\(refusal.code.rawValue)"])
            }
            response = refusal.response(requestID: context.requestID)
        }
        response.headers.addProtections(isSecure: isPublicSecure || request.head.scheme == "https")
        return response
    }

    static func refusal(for error: any Error) -> HTTPRefusal {
        switch error {
        case let error as ChatError: HTTPRefusal(error)
        case let refusal as HTTPRefusal: refusal
        case let error as any HTTPResponseError: refusal(status: error.status)
        default: HTTPRefusal(.internalServerError, .internal, "Something went wrong.")
        }
    }

    /// For what the framework refuses.
    private static func refusal(status: HTTPResponse.Status) -> HTTPRefusal {
        switch status {
        case .notFound: HTTPRefusal(status, .notFound, "There is nothing here.")
        case .contentTooLarge: HTTPRefusal(status, .payloadTooLarge, "The body is too large.")
        default:
            status.kind == .clientError
                ? HTTPRefusal(status, .invalidRequest, "The request cannot be understood.")
                : HTTPRefusal(.internalServerError, .internal, "Something went wrong.")
        }
    }
}

extension HTTPField.Name {
    static let lastEventID = parsed("Last-Event-ID")
}

import HTTPTypes
import Hummingbird
import SimpleStreamKit

/// The HTTP interface: its endpoints and who may call them.
struct API: Sendable {
    let chat: ChatService
    let hub: SocketHub
    let dependencies: [ServerDependency]
    let configuration: ServerConfiguration
    let authenticator: Authenticator

    var endpoints: [Endpoint] {
        system + models + conversations + messages + runs + chatEndpoints + attachments + keys + settings + usage
    }

    /// Adds the endpoints to a router.
    func register(in router: Router<APIContext>) {
        let endpoints = self.endpoints
        let description = Response.Prepared(OpenAPI(endpoints).document)
        for endpoint in endpoints {
            router.on(RouterPath(endpoint.path), method: endpoint.method) { request, context in
                try await respond(to: request, context, with: endpoint)
            }
        }
        router.get("/openapi.json") { _, _ in description.response }
    }

    private func respond(to request: Request, _ context: APIContext, with endpoint: Endpoint) async throws -> Response {
        let user = await authenticator.authenticate(request.head)
        try checkOrigin(of: request, credential: user?.credential ?? .none)
        guard let user else { throw ChatError(.unauthenticated, "Sign in first.") }
        return try await endpoint.handle(APIRequest(request: request, context: context, user: user))
    }

    /// No page of another site writes, or reads, in the user's name.
    private func checkOrigin(of request: Request, credential: OriginPolicy.Credential) throws(HTTPRefusal) {
        let origin = RequestOrigin(request.head)
        let isRead = request.method == .get || request.method == .head
        // A browser sends no Origin with a read of its own site, so a cookie alone is no reason to refuse one.
        let isAllowed = origin.isAllowed(by: configuration.originPolicy, credential: isRead ? .none : credential)
        guard isAllowed, origin.origin != nil || !origin.isForeign else {
            throw HTTPRefusal(.forbidden, .forbidden, "Pages of this origin may not use the server.")
        }
    }
}

extension Response {
    /// A JSON response made once.
    struct Prepared: Sendable {
        private let value: JSONValue

        init(_ value: JSONValue) { self.value = value }

        var response: Response { .json(value) }
    }
}

import HTTPTypes
import Hummingbird
import NIOCore
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The HTTP interface: its endpoints and who may call them.
struct API: Sendable {
    let chat: ChatService
    let hub: SocketHub
    let connections: OpenConnections
    let dependencies: [ServerDependency]
    let configuration: ServerConfiguration
    let authenticator: Authenticator
    /// Nil for a server without accounts.
    let accounts: AccountService?
    let limiter: RequestLimiter
    let audit: AuditLog
    let tally = RequestTally()

    var endpoints: [Endpoint] {
        system + metrics + auth + tokens + account + shares + models + conversations + messages + runs + chatEndpoints
            + attachments + keys + settings + profile + usage
    }

    /// Adds the endpoints to a router.
    func register(in router: Router<APIContext>) {
        let endpoints = self.endpoints
        let description = Response.Prepared(OpenAPI(endpoints).document)
        for endpoint in endpoints {
            router.on(RouterPath(endpoint.path), method: endpoint.method) { request, context in
                try await counted(endpoint) { try await respond(to: request, context, with: endpoint) }
            }
        }
        router.get(RouterPath(Self.descriptionPath)) { _, _ in description.response }
    }

    /// Where the API is described.
    static let descriptionPath = "/openapi.json"

    /// Counts what was answered, refusals included.
    private func counted(_ endpoint: Endpoint, _ answer: () async throws -> Response) async throws -> Response {
        let start = ContinuousClock.now
        do {
            let response = try await answer()
            tally.answered(endpoint, response.status, in: start.duration(to: .now))
            return response
        } catch {
            let status = ErrorMiddleware.refusal(for: error).status
            tally.answered(endpoint, status, in: start.duration(to: .now))
            throw error
        }
    }

    private func respond(to request: Request, _ context: APIContext, with endpoint: Endpoint) async throws -> Response {
        let client = configuration.client(of: request.head, from: context.remoteAddress)
        // Whoever asks whether the server lives must hear it also while the counters do not.
        try await count(endpoint) { () async throws(ChatError) in try await limiter.arrived(from: client) }
        let user = endpoint.needs == .nobody ? nil : try await authenticator.authenticate(request.head)
        try checkOrigin(of: request, credential: user?.credential ?? .none, endpoint)
        try check(user, endpoint.needs)
        if let user {
            try await count(endpoint) { () async throws(ChatError) in try await limiter.arrived(of: user.id) }
        }
        return try await endpoint.handle(
            APIRequest(
                request: request, context: context, caller: user, client: client,
                bodyBytes: configuration.http.bodyBytes, reads: hub.reads))
    }

    /// Counts a request; counters that are out of reach refuse it, unless it takes access away.
    private func count(
        _ endpoint: Endpoint, _ spend: () async throws(ChatError) -> Void
    ) async throws(ChatError) {
        guard endpoint.isCounted else { return }
        do throws(ChatError) {
            try await spend()
        } catch {
            guard error.code == .storageUnavailable, endpoint.endsAccess else { throw error }
        }
    }

    /// No page of another site writes, or reads, in the user's name.
    private func checkOrigin(
        of request: Request, credential: OriginPolicy.Credential, _ endpoint: Endpoint
    ) throws(HTTPRefusal) {
        let origin = RequestOrigin(request.head)
        let isRead = request.method == .get || request.method == .head
        // A browser sends no Origin with a read of its own site, so a cookie alone is no reason to refuse one.
        let isAllowed = origin.isAllowed(by: configuration.originPolicy, credential: isRead ? .none : credential)
        guard isAllowed, origin.origin != nil || !origin.isForeign || endpoint.isLinkedFromElsewhere else {
            throw HTTPRefusal(.forbidden, .forbidden, "Pages of this origin may not use the server.")
        }
    }

    private func check(_ user: User?, _ needs: Endpoint.Needs) throws(ChatError) {
        if needs == .nothing || needs == .nobody { return }
        guard let user else { throw ChatError(.unauthenticated, "Sign in first.") }
        switch needs {
        case .nothing, .nobody: break
        case .scope(let scope):
            guard user.scopes.contains(scope) else {
                throw ChatError(.forbidden, "This takes a token with the scope \(scope.rawValue).")
            }
        case .browser, .recentSignIn:
            if case .token = user.proof {
                throw ChatError(.forbidden, "A token cannot do this. Sign in with a browser.")
            }
            if needs == .recentSignIn { try checkRecentSignIn(of: user) }
        }
    }

    /// A guest has nothing to prove with besides the session.
    private func checkRecentSignIn(of user: User) throws(ChatError) {
        guard let accounts, user.kind != .guest, case .session(_, let provenAt) = user.proof else { return }
        let age = provenAt.map { accounts.now().timeIntervalSince($0) } ?? .infinity
        guard age <= accounts.configuration.recentSignIn.timeInterval else {
            throw ChatError(.forbidden, "Sign in again to do this.")
        }
    }
}

extension Response {
    /// A JSON response made once.
    struct Prepared: Sendable {
        private let bytes: ByteBuffer

        init(_ value: JSONValue) { bytes = ByteBuffer(bytes: value.encoded) }

        var response: Response { .json(encoded: bytes) }
    }
}

import HTTPTypes
import Hummingbird
import Logging
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension API {
    var auth: [Endpoint] {
        [
            Endpoint(
                .get, "/api/auth/session", "Who the caller is.", answer: .json("Session"), needs: .nothing
            ) { request in
                guard let user = request.caller else { throw ChatError(.unauthenticated, "Sign in first.") }
                return .json(try await session(of: user))
            },
            Endpoint(
                .get, "/api/auth/methods", "How one can sign in here.", answer: .json("SignInMethods"), needs: .nobody
            ) { _ in
                .json(methods)
            },
            Endpoint(
                .post, "/api/auth/anonymous", "Begins a guest's session; whoever has a session keeps it.",
                answer: .json("Session"), statuses: [200, 201], needs: .nothing
            ) { try await beginGuest($0) },
            Endpoint(
                .post, "/api/auth/sign-out", "Ends the session, or the token, the caller came with, and its sockets.",
                answer: .none, needs: .nothing
            ) { try await signOut($0) },
        ] + ["github", "oidc"].flatMap { signIn(with: $0) } + devices
    }

    private func signIn(with name: String) -> [Endpoint] {
        [
            Endpoint(
                .get, "/api/auth/\(name)", "Sends the browser away to sign in.",
                parameters: [.query("returnTo", ["type": "string"], "A path on this server to come back to.")],
                answer: .redirect, needs: .nothing
            ) { request in
                let (accounts, provider) = try way(named: name)
                let (url, secret) = try await accounts.leave(
                    for: provider, returnPath: try request.query("returnTo"), address: request.address)
                return .redirect(
                    to: url, cookies: [accounts.cookie.setSignIn(secret, for: AccountService.signInTime)])
            },
            Endpoint(
                .get, "/api/auth/\(name)/callback", "Where the browser comes back to.",
                parameters: [
                    .query("code", ["type": "string"], "Proves who came back."),
                    .query("state", ["type": "string"], "Proves who was sent away."),
                ],
                answer: .redirect, needs: .nothing, isLinkedFromElsewhere: true
            ) { try await callback($0, of: name) },
        ]
    }

    // MARK: Sessions

    private func session(of user: User) async throws(ChatError) -> JSONValue {
        guard accounts != nil else {
            return ["user": ["id": .string(user.id), "kind": "local"], "authMode": "local"]
        }
        let account = try await chat.store.user(user.id)
        var value: JSONValue = ["id": .string(user.id), "kind": .string(user.kind.rawValue)]
        value["name"] = account.map { .string($0.name) }
        value["email"] = account?.email.map(JSONValue.string)
        value["avatarURL"] = account?.avatarURL.map(JSONValue.string)
        return [
            "user": value, "authMode": "accounts", "scopes": .array(user.scopes.sorted().map { .string($0.rawValue) }),
        ]
    }

    private var methods: JSONValue {
        guard let accounts else { return ["authMode": "local", "methods": [], "guests": false] }
        return [
            "authMode": "accounts", "guests": .bool(accounts.configuration.allowsGuests),
            "methods": .array(
                accounts.providers.map { provider -> JSONValue in
                    [
                        "id": .string(provider.name), "name": .string(provider.title),
                        "url": .string("/api/auth/\(provider.name)"),
                    ]
                }),
        ]
    }

    private func beginGuest(_ request: APIRequest) async throws -> Response {
        if let user = request.caller { return .json(try await session(of: user)) }
        let new = try await requireAccounts().beginGuest(address: request.address)
        let user = User(
            id: new.user.id, kind: .guest, scopes: Set(AccessScope.all).subtracting([.ops]),
            proof: .session(id: new.session.id, authenticatedAt: nil))
        return .json(try await session(of: user), status: .created).setting([cookie(of: new)])
    }

    private func signOut(_ request: APIRequest) async throws -> Response {
        let accounts = try requireAccounts()
        switch request.user.proof {
        case .session(let id, _): try await accounts.end(id, of: request.user.id, address: request.address)
        case .token(let id, _): _ = try await accounts.revoke(id, of: request.user.id, address: request.address)
        case .none: break
        }
        return Response.done.setting([accounts.cookie.cleared])
    }

    private func cookie(of new: AccountService.NewSession) -> String {
        let time = Duration.seconds(max(0, Int64(new.session.endsAt.timeIntervalSince(new.session.createdAt))))
        return accounts?.cookie.set(new.token, for: time) ?? ""
    }

    // MARK: Coming back

    private func callback(_ request: APIRequest, of name: String) async throws -> Response {
        let (accounts, provider) = try way(named: name)
        var cookies = [accounts.cookie.signInCleared]
        let place: String
        do throws(ChatError) {
            let (path, session) = try await comeBack(request, accounts, provider)
            place = path
            cookies.append(cookie(of: session))
        } catch {
            log(error, of: request, with: name)
            place = "/sign-in?error=\(error.code == .forbidden ? "refused" : "unavailable")"
        }
        return .redirect(to: place, cookies: cookies)
    }

    private func comeBack(
        _ request: APIRequest, _ accounts: AccountService, _ provider: any SignInProvider
    ) async throws(ChatError) -> (String, AccountService.NewSession) {
        let head = request.request.head
        let attempt = try await accounts.comeBack(
            to: provider, state: try request.query("state") ?? "", secret: accounts.cookie.signInSecret(in: head))
        guard let code = try request.query("code"), !code.isEmpty, code.utf8.count <= 2048 else {
            throw ChatError(.forbidden, "The sign-in was refused.", detail: "no code")
        }
        let old = try await authenticator.session(head)
        let session = try await accounts.signIn(code, attempt, at: provider, from: old, address: request.address)
        return (attempt.returnPath, session)
    }

    private func log(_ error: ChatError, of request: APIRequest, with name: String) {
        var metadata: Logger.Metadata = [
            "ss.request.id": "\(request.context.requestID)", "ss.sign-in.with": "\(name)",
            "ss.error.code": "\(error.code.rawValue)",
        ]
        if let detail = error.detail { metadata["ss.error.detail"] = "\(detail)" }
        request.context.logger.notice("A sign-in failed", metadata: metadata)
    }

    private func way(named name: String) throws(ChatError) -> (AccountService, any SignInProvider) {
        guard let accounts, let provider = accounts.providers.first(where: { $0.name == name }) else {
            throw ChatError(.notFound, "This server has no such way to sign in.")
        }
        return (accounts, provider)
    }

    /// What is about accounts; a server without any has none of it.
    func requireAccounts() throws(ChatError) -> AccountService {
        guard let accounts else { throw ChatError(.forbidden, "This server has one user and no accounts.") }
        return accounts
    }
}

import SimpleStreamKit
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Sign-in with any OpenID Connect issuer.
final class OpenIDSignIn: SignInProvider {
    private struct Cached: Sendable {
        var discovery: OpenIDDiscovery?
        var readAt: ContinuousClock.Instant?
        var keys: OpenIDKeys?
        var keysReadAt: ContinuousClock.Instant?
    }

    let name = "oidc"
    var title: String { client.name }
    private let client: AccountConfiguration.OpenID
    private let requests: OutgoingRequests
    private let now: @Sendable () -> Date
    private let cached = Mutex(Cached())

    /// How long the issuer's documents are believed.
    private static let documentLife = Duration.seconds(3600)
    /// Keys are not read again sooner, however many tokens name unknown ones.
    private static let keyInterval = Duration.seconds(10)

    init(
        _ client: AccountConfiguration.OpenID, transport: any HTTPTransport, now: @escaping @Sendable () -> Date
    ) {
        self.client = client
        self.now = now
        requests = OutgoingRequests(transport: transport, name: client.name)
    }

    func authorizationURL(_ request: AuthorizationRequest) async throws(ChatError) -> String {
        let endpoint = try await discovery().authorizationEndpoint
        let query: [(String, String)] = [
            ("response_type", "code"), ("client_id", client.clientID), ("redirect_uri", request.redirectURI),
            ("scope", "openid email profile"), ("state", request.state), ("nonce", request.nonce),
            ("code_challenge", request.challenge), ("code_challenge_method", "S256"),
        ]
        return endpoint + (endpoint.contains("?") ? "&" : "?") + query.formEncoded
    }

    func identify(_ answer: AuthorizationAnswer) async throws(ChatError) -> VerifiedIdentity {
        let discovery = try await discovery()
        var form: [(String, String)] = [
            ("grant_type", "authorization_code"), ("code", answer.code), ("redirect_uri", answer.redirectURI),
            ("code_verifier", answer.verifier), ("client_id", client.clientID),
        ]
        if !discovery.usesBasic { form.append(("client_secret", client.clientSecret.reveal())) }
        let grant = try await requests.post(
            discovery.tokenEndpoint, form: form,
            basic: discovery.usesBasic ? (client.clientID, client.clientSecret) : nil)
        guard let token = grant["id_token"]?.string, token.utf8.count <= 16 << 10 else {
            throw ChatError(.forbidden, "\(client.name) did not say who you are.")
        }
        let claims = try await verified(token, discovery)
        do throws(IDTokenProblem) {
            return try claims.identity(
                issuer: client.issuer, clientID: client.clientID, nonce: answer.nonce, now: now())
        } catch {
            throw ChatError(
                .forbidden, "\(client.name) did not confirm the sign-in.", detail: "id token: \(error.what)")
        }
    }

    /// The claims of a token that one of the issuer's keys has signed.
    private func verified(_ token: String, _ discovery: OpenIDDiscovery) async throws(ChatError) -> IDTokenClaims {
        let header: IDTokenHeader
        do throws(IDTokenProblem) {
            header = try IDTokenHeader(of: token)
        } catch {
            throw ChatError(
                .forbidden, "\(client.name) did not confirm the sign-in.", detail: "id token: \(error.what)")
        }
        let keys = try await keys(discovery, naming: header.keyID)
        guard let claims = await keys.claims(of: token, header) else {
            throw ChatError(.forbidden, "\(client.name) did not confirm the sign-in.", detail: "id token: signature")
        }
        return claims
    }

    // MARK: The issuer's documents

    private func discovery() async throws(ChatError) -> OpenIDDiscovery {
        let known = cached.withLock { cached -> OpenIDDiscovery? in
            guard let readAt = cached.readAt, readAt.duration(to: .now) < Self.documentLife else { return nil }
            return cached.discovery
        }
        if let known { return known }
        let document = try await requests.get("\(client.issuer)/.well-known/openid-configuration")
        guard let discovery = OpenIDDiscovery(document, issuer: client.issuer) else {
            throw ChatError(.providerUnavailable, "\(client.name) is not set up as this server expects.")
        }
        cached.withLock { cached in
            cached.discovery = discovery
            cached.readAt = .now
        }
        return discovery
    }

    /// The issuer's keys; read again when they are old, or when a token names one that is not among them: issuers change
    /// their keys.
    private func keys(_ discovery: OpenIDDiscovery, naming keyID: String?) async throws(ChatError) -> OpenIDKeys {
        let known = cached.withLock { cached -> OpenIDKeys? in
            guard let keys = cached.keys, let readAt = cached.keysReadAt else { return nil }
            let age = readAt.duration(to: .now)
            if age < Self.keyInterval { return keys }
            return age < Self.documentLife && keys.has(keyID) ? keys : nil
        }
        // Even young keys are read again once when they lack the one that is named.
        if let known, known.has(keyID) || !known.mayBeReadAgain { return known }
        let isSecond = known != nil
        var keys = OpenIDKeys(try await requests.get(discovery.keysURL))
        keys.mayBeReadAgain = !isSecond
        cached.withLock { [keys] cached in
            cached.keys = keys
            cached.keysReadAt = .now
        }
        return keys
    }
}

/// What an issuer says about itself.
struct OpenIDDiscovery: Sendable {
    let authorizationEndpoint: String
    let tokenEndpoint: String
    let keysURL: String
    /// Whether the client's secret goes in a header; else in the form.
    let usesBasic: Bool

    /// Nil when the document is another issuer's, or its addresses are not https.
    init?(_ document: JSONValue, issuer: String) {
        guard document["issuer"]?.string == issuer,
            let authorization = document["authorization_endpoint"]?.string, OutgoingURL(authorization) != nil,
            let token = document["token_endpoint"]?.string, OutgoingURL(token) != nil,
            let keys = document["jwks_uri"]?.string, OutgoingURL(keys) != nil
        else { return nil }
        authorizationEndpoint = authorization
        tokenEndpoint = token
        keysURL = keys
        let methods = document["token_endpoint_auth_methods_supported"]?.array?.compactMap(\.string)
        usesBasic = methods?.contains("client_secret_basic") ?? true
    }
}

import Crypto
import CryptoExtras
import Foundation
import SimpleStreamKit
import SimpleStreamServer
import Synchronization
import TestSupport

/// GitHub and an OpenID Connect issuer in one, on a real socket, with real keys. It keeps the rules: a code works once, with
/// the right secret, redirect address and PKCE verifier.
final class FakeIssuer: Sendable {
    static let clientID = "client"
    static let secret = "client-secret-planted"
    static let accessToken = "gho-access-token-planted"

    /// Who is signed in there, and what it says of them.
    struct Person: Sendable {
        var id = 42
        var name = "Ann"
        var email = "ann@example.com"
        var isVerified = true
    }

    /// What a browser was sent with.
    struct Authorization: Sendable {
        var challenge: String
        var nonce: String
        var redirectURI: String
        var person: Person
    }

    struct State: Sendable {
        var codes: [String: Authorization] = [:]
        /// Changes an id token's header and claims before it is signed.
        var change: @Sendable (inout JSONValue, inout JSONValue) -> Void = { _, _ in }
        /// Signs in place of the issuer's key.
        var sign: (@Sendable (FakeIssuer, [UInt8]) throws -> [UInt8])?
        var signsWithRSA = false
        var keyID = "key-1"
        var key = P256.Signing.PrivateKey()
        var keyReads = 0
        var discovery: @Sendable (inout JSONValue) -> Void = { _ in }
    }

    let state = Mutex(State())
    let rsa: _RSA.Signing.PrivateKey
    private let now: @Sendable () -> Date
    private let address = Mutex("")

    private init(now: @escaping @Sendable () -> Date) throws {
        self.now = now
        rsa = try Self.rsaKey.get()
    }

    /// Making one takes a while: all tests share it.
    private static let rsaKey = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    var url: String { address.withLock { $0 } }

    static func run<R: Sendable>(
        now: @escaping @Sendable () -> Date = { Date() }, _ body: (FakeIssuer) async throws -> R
    ) async throws -> R {
        let issuer = try FakeIssuer(now: now)
        return try await withScriptedUpstream(script: { request, _ in issuer.reply(to: request) }) { upstream in
            issuer.address.withLock { $0 = upstream.url }
            return try await body(issuer)
        }
    }

    var gitHub: AccountConfiguration.GitHub {
        AccountConfiguration.GitHub(clientID: Self.clientID, clientSecret: Secret(Self.secret), baseURL: url)
    }

    var openID: AccountConfiguration.OpenID {
        AccountConfiguration.OpenID(
            issuer: url, clientID: Self.clientID, clientSecret: Secret(Self.secret), name: "Example")
    }

    /// The user agrees on the page a browser was sent to.
    ///
    /// - Returns: the code and the state the browser brings back.
    func approve(_ location: String?, as person: Person = Person()) throws -> (code: String, state: String) {
        let query = Self.form(String((location ?? "").drop { $0 != "?" }.dropFirst()))
        guard location?.hasPrefix(url) == true, query["client_id"] == Self.clientID,
            query["code_challenge_method"] == "S256", let challenge = query["code_challenge"],
            let redirectURI = query["redirect_uri"], let state = query["state"]
        else { throw Wrong(what: "the authorization request: \(location ?? "none")") }
        let code = UUID().uuidString
        self.state.withLock {
            $0.codes[code] = Authorization(
                challenge: challenge, nonce: query["nonce"] ?? "", redirectURI: redirectURI, person: person)
        }
        return (code, state)
    }

    struct Wrong: Error {
        let what: String
    }

    // MARK: Answers

    private func reply(to request: ScriptedUpstream.Request) -> ScriptedUpstream.Reply {
        switch request.path {
        case "/login/oauth/access_token":
            guard let grant = exchange(request) else { return .json(#"{"error":"bad_verification_code"}"#) }
            return json([
                "access_token": .string("\(Self.accessToken)-\(grant.person.id)"), "token_type": "bearer",
                "scope": "read:user,user:email",
            ])
        case "/api/v3/user":
            guard let person = person(request) else { return .json(status: 401) }
            return json(["id": .integer(person.id), "login": "ann", "name": .string(person.name)])
        case "/api/v3/user/emails":
            guard let person = person(request) else { return .json(status: 401) }
            return json([
                ["email": "other@example.com", "primary": false, "verified": true],
                ["email": .string(person.email), "primary": true, "verified": .bool(person.isVerified)],
            ])
        case "/.well-known/openid-configuration": return json(discovery)
        case "/keys": return json(keys)
        case "/token":
            guard let grant = exchange(request) else { return .json(#"{"error":"invalid_grant"}"#, status: 400) }
            guard let token = try? idToken(for: grant) else { return .json(status: 500) }
            return json(["access_token": .string(Self.accessToken), "token_type": "Bearer", "id_token": .string(token)])
        default: return .json(status: 404)
        }
    }

    private func json(_ value: JSONValue) -> ScriptedUpstream.Reply { .json(value.text) }

    /// Takes a code when everything about it is right.
    private func exchange(_ request: ScriptedUpstream.Request) -> Authorization? {
        let form = Self.form(request.text)
        let basic = "Basic " + Data("\(Self.clientID):\(Self.secret)".utf8).base64EncodedString()
        let isClient =
            form["client_secret"] == Self.secret && form["client_id"] == Self.clientID
            || request[header: "authorization"] == basic
        guard isClient, let code = form["code"], let verifier = form["code_verifier"],
            let grant = state.withLock({ $0.codes.removeValue(forKey: code) }),
            Array(SHA256.hash(data: Array(verifier.utf8))).base64URL == grant.challenge,
            form["redirect_uri"] == grant.redirectURI
        else { return nil }
        people.withLock { $0[grant.person.id] = grant.person }
        return grant
    }

    private let people = Mutex<[Int: Person]>([:])

    private func person(_ request: ScriptedUpstream.Request) -> Person? {
        let prefix = "Bearer \(Self.accessToken)-"
        guard let field = request[header: "authorization"], field.hasPrefix(prefix),
            let id = Int(field.dropFirst(prefix.count))
        else { return nil }
        return people.withLock { $0[id] }
    }

    // MARK: OpenID Connect

    private var discovery: JSONValue {
        var document: JSONValue = [
            "issuer": .string(url), "authorization_endpoint": .string("\(url)/authorize"),
            "token_endpoint": .string("\(url)/token"), "jwks_uri": .string("\(url)/keys"),
        ]
        state.withLock { $0.discovery }(&document)
        return document
    }

    private var keys: JSONValue {
        let (key, id) = state.withLock { state in
            state.keyReads += 1
            return (state.key, state.keyID)
        }
        let point = Array(key.publicKey.rawRepresentation)
        let numbers = try? rsa.publicKey.getKeyPrimitives()
        return [
            "keys": [
                ["kty": "unknown", "kid": "strange"],
                [
                    "kty": "EC", "crv": "P-256", "use": "sig", "kid": .string(id),
                    "x": .string(Array(point[..<32]).base64URL), "y": .string(Array(point[32...]).base64URL),
                ],
                [
                    "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "rsa-1",
                    "n": .string([UInt8](numbers?.modulus ?? Data()).base64URL),
                    "e": .string([UInt8](numbers?.publicExponent ?? Data()).base64URL),
                ],
            ]
        ]
    }

    private func idToken(for grant: Authorization) throws -> String {
        let (usesRSA, keyID, key, change, sign) = state.withLock {
            ($0.signsWithRSA, $0.keyID, $0.key, $0.change, $0.sign)
        }
        let time = Int(now().timeIntervalSince1970)
        var header: JSONValue = [
            "alg": usesRSA ? "RS256" : "ES256", "typ": "JWT", "kid": .string(usesRSA ? "rsa-1" : keyID),
        ]
        var claims: JSONValue = [
            "iss": .string(url), "sub": .string("sub-\(grant.person.id)"), "aud": .string(Self.clientID),
            "exp": .integer(time + 300), "iat": .integer(time), "nonce": .string(grant.nonce),
            "name": .string(grant.person.name), "email": .string(grant.person.email),
            "email_verified": .bool(grant.person.isVerified),
        ]
        change(&header, &claims)
        let signed = header.encoded.base64URL + "." + claims.encoded.base64URL
        let signature: [UInt8]
        if let sign {
            signature = try sign(self, Array(signed.utf8))
        } else if usesRSA {
            signature = [UInt8](
                try rsa.signature(for: Data(signed.utf8), padding: .insecurePKCS1v1_5).rawRepresentation)
        } else {
            signature = [UInt8](try key.signature(for: Data(signed.utf8)).rawRepresentation)
        }
        return signed + "." + signature.base64URL
    }

    static func form(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            fields[String(parts[0])] = parts.count > 1 ? String(parts[1]).removingPercentEncoding : ""
        }
        return fields
    }
}

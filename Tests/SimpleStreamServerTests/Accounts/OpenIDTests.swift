import Crypto
import CryptoExtras
import Foundation
import SimpleStreamKit
import SimpleStreamServer
import Synchronization
import TestSupport
import Testing

/// Sign-in with an OpenID Connect issuer, and tokens that are not what they should be.
@Suite struct OpenIDTests {
    /// Signs in; where the browser is sent and whether it has a session.
    private func signIn(
        _ server: AccountServer, _ browser: inout TestBrowser, as person: FakeIssuer.Person = .init()
    ) async throws -> String? {
        let away = try await browser.get("/api/auth/oidc")
        let (code, state) = try server.issuer.approve(away.headers["location"], as: person)
        return try await browser.comeBack("/api/auth/oidc/callback?code=\(code)&state=\(state)").headers["location"]
    }

    @Test(arguments: [false, true])
    func signsIn(withRSA: Bool) async throws {
        try await AccountServer.run { server in
            server.issuer.state.withLock { $0.signsWithRSA = withRSA }
            var browser = server.browser
            #expect(try await signIn(server, &browser) == "/")
            let session = try await browser.get("/api/auth/session").json
            #expect(session["user"]?["name"] == "Ann")
            let id = try await server.userID(browser)
            #expect(
                try await server.store.identities(of: id) == [Identity(issuer: server.issuer.url, subject: "sub-42")])
        }
    }

    @Test func secretInTheFormWorksToo() async throws {
        try await AccountServer.run { server in
            server.issuer.state.withLock {
                $0.discovery = { $0["token_endpoint_auth_methods_supported"] = ["client_secret_post"] }
            }
            var browser = server.browser
            let place = try await signIn(server, &browser)
            #expect(place == "/")
        }
    }

    /// The issuer changes its key: the new one is found without a restart.
    @Test func newKeysAreFound() async throws {
        try await AccountServer.run { server in
            var browser = server.browser
            let before = try await signIn(server, &browser)
            #expect(before == "/")
            server.issuer.state.withLock { state in
                state.key = P256.Signing.PrivateKey()
                state.keyID = "key-2"
            }
            var other = server.browser
            let after = try await signIn(server, &other)
            #expect(after == "/")
            let keyReads = server.issuer.state.withLock { $0.keyReads }
            #expect(keyReads == 2)
        }
    }

    /// Each of these is a forged, foreign or stale token.
    @Test(arguments: [
        "alg none", "HS256 with the public key", "foreign key", "foreign key, known id", "unknown key id",
        "wrong issuer",
        "wrong audience", "two audiences", "foreign authorized party", "expired", "from the future", "wrong nonce",
        "no nonce", "no subject", "empty subject", "critical extension", "cut signature", "no signature",
    ])
    func wrongTokenSignsNobodyIn(attack: String) async throws {
        try await AccountServer.run { server in
            let time = Int(server.clock.now().timeIntervalSince1970)
            server.issuer.state.withLock { state in
                switch attack {
                case "alg none":
                    state.change = { header, _ in header["alg"] = "none" }
                    state.sign = { _, _ in [] }
                case "HS256 with the public key":
                    state.change = { header, _ in
                        header["alg"] = "HS256"
                        header["kid"] = "rsa-1"
                    }
                    state.sign = { issuer, signed in
                        let key = SymmetricKey(data: Data(issuer.rsa.publicKey.pemRepresentation.utf8))
                        return Array(HMAC<SHA256>.authenticationCode(for: signed, using: key))
                    }
                case "foreign key", "foreign key, known id":
                    if attack == "foreign key" { state.change = { header, _ in header["kid"] = nil } }
                    let foreign = P256.Signing.PrivateKey()
                    state.sign = { _, signed in [UInt8](try foreign.signature(for: signed).rawRepresentation) }
                case "unknown key id": state.change = { header, _ in header["kid"] = "nobody" }
                case "wrong issuer": state.change = { _, claims in claims["iss"] = "https://evil.example" }
                case "wrong audience": state.change = { _, claims in claims["aud"] = "somebody" }
                case "two audiences": state.change = { _, claims in claims["aud"] = ["client", "somebody"] }
                case "foreign authorized party": state.change = { _, claims in claims["azp"] = "somebody" }
                case "expired": state.change = { _, claims in claims["exp"] = .integer(time - 120) }
                case "from the future": state.change = { _, claims in claims["iat"] = .integer(time + 3600) }
                case "wrong nonce": state.change = { _, claims in claims["nonce"] = "another" }
                case "no nonce": state.change = { _, claims in claims["nonce"] = nil }
                case "no subject": state.change = { _, claims in claims["sub"] = nil }
                case "empty subject": state.change = { _, claims in claims["sub"] = "" }
                case "critical extension": state.change = { header, _ in header["crit"] = ["x"] }
                case "cut signature":
                    let key = state.key
                    state.sign = { _, signed in
                        Array([UInt8](try key.signature(for: signed).rawRepresentation).dropLast())
                    }
                default: state.sign = { _, _ in [] }
                }
            }
            var browser = server.browser
            let place = try await signIn(server, &browser)
            #expect(place == "/sign-in?error=refused")
            #expect(browser.session == nil)
        }
    }

    @Test func audienceMayBeAList() async throws {
        try await AccountServer.run { server in
            server.issuer.state.withLock { state in
                state.change = { _, claims in
                    claims["aud"] = ["client", "somebody"]
                    claims["azp"] = "client"
                }
            }
            var browser = server.browser
            let place = try await signIn(server, &browser)
            #expect(place == "/")
        }
    }

    /// What an issuer says about itself must be its own and safe to ask.
    @Test(arguments: ["issuer", "token_endpoint", "jwks_uri", "authorization_endpoint"])
    func strangeDiscoveryIsRefused(field: String) async throws {
        try await AccountServer.run { server in
            server.issuer.state.withLock { $0.discovery = { $0[field] = "http://internal.example" } }
            var browser = server.browser
            let response = try await browser.get("/api/auth/oidc")
            #expect(response.status == 503)
            #expect(browser.cookies.isEmpty)
        }
    }

    @Test func unverifiedAddressIsNotTaken() async throws {
        try await AccountServer.run { server in
            var browser = server.browser
            let place = try await signIn(server, &browser, as: .init(isVerified: false))
            #expect(place == "/")
            let email = try await browser.get("/api/auth/session").json["user"]?["email"]
            #expect(email == nil)
        }
    }
}

import SimpleStreamKit
import Synchronization
import TestSupport
import Testing

@testable import SimpleStreamServer

/// Sign-in with GitHub, and what strangers try at it.
@Suite struct SignInTests {
    @Test func signsIn() async throws {
        try await AccountServer.run { server in
            var browser = server.browser
            #expect(try await browser.get("/api/auth/session").status == 401)
            browser = try await server.signedIn()
            let session = try await browser.get("/api/auth/session").json
            #expect(session["user"]?["name"] == "Ann")
            #expect(session["user"]?["email"] == "ann@example.com")
            #expect(session["user"]?["kind"] == "member")
            let id = try await server.userID(browser)
            // The same number is the same user, whatever else has changed; another number with the same e-mail is not.
            let again = try await server.signedIn(.init(name: "Anna", email: "anna@example.com"))
            #expect(try await server.userID(again) == id)
            let other = try await server.signedIn(.init(id: 43))
            #expect(try await server.userID(other) != id)
        }
    }

    @Test func unverifiedAddressIsNotTaken() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn(.init(isVerified: false))
            #expect(try await browser.get("/api/auth/session").json["user"]?["email"] == nil)
        }
    }

    @Test func methodsAreTold() async throws {
        try await AccountServer.run { server in
            let methods = try await server.http.get("/api/auth/methods").json
            #expect(methods["methods"]?.array?.compactMap { $0["id"]?.string } == ["github", "oidc"])
            #expect(methods["guests"] == true)
        }
    }

    // MARK: Attacks

    /// Every way back that is not the way this browser left.
    @Test(arguments: [
        "no state", "wrong state", "no cookie", "other cookie", "other provider", "no code", "wrong code",
    ])
    func wrongWayBackSignsNobodyIn(attack: String) async throws {
        try await AccountServer.run { server in
            var browser = server.browser
            let away = try await browser.get("/api/auth/github")
            var (code, state) = try server.issuer.approve(away.headers["location"])
            var path = "/api/auth/github/callback"
            switch attack {
            case "no state": state = ""
            case "wrong state": state = AccessToken.make().reveal()
            case "no cookie": browser.cookies = [:]
            case "other cookie": browser.cookies["ss_signin"] = AccessToken.make().reveal()
            case "other provider": path = "/api/auth/oidc/callback"
            case "no code": code = ""
            default: code = "guess"
            }
            let back = try await browser.comeBack("\(path)?code=\(code)&state=\(state)")
            #expect(back.status == 303)
            #expect(back.headers["location"]?.hasPrefix("/sign-in?error=") == true)
            #expect(browser.session == nil)
            #expect(try await browser.get("/api/auth/session").status == 401)
        }
    }

    /// A link with somebody else's code and state signs a victim in as nobody, and the state is used up.
    @Test func codeOfAnotherBrowserIsNotTaken() async throws {
        try await AccountServer.run { server in
            var attacker = server.browser
            let away = try await attacker.get("/api/auth/github")
            let (code, state) = try server.issuer.approve(away.headers["location"], as: .init(id: 666))
            var victim = server.browser
            // The victim is about to sign in, too.
            _ = try await victim.get("/api/auth/github")
            let back = try await victim.comeBack("/api/auth/github/callback?code=\(code)&state=\(state)")
            #expect(back.headers["location"]?.hasPrefix("/sign-in?error=") == true)
            #expect(victim.session == nil)
            let late = try await attacker.comeBack("/api/auth/github/callback?code=\(code)&state=\(state)")
            #expect(late.headers["location"]?.hasPrefix("/sign-in?error=") == true)
        }
    }

    /// A code of another sign-in, put in place of one's own: PKCE binds it to the browser that asked for it.
    @Test func codeOfAnotherSignInIsNotTaken() async throws {
        try await AccountServer.run { server in
            var attacker = server.browser
            let first = try await attacker.get("/api/auth/github")
            let (stolen, _) = try server.issuer.approve(first.headers["location"], as: .init(id: 666))
            var victim = server.browser
            let away = try await victim.get("/api/auth/github")
            let (_, state) = try server.issuer.approve(away.headers["location"])
            let back = try await victim.comeBack("/api/auth/github/callback?code=\(stolen)&state=\(state)")
            #expect(back.headers["location"]?.hasPrefix("/sign-in?error=") == true)
            #expect(victim.session == nil)
        }
    }

    @Test func stateWorksOnceAndInTime() async throws {
        try await AccountServer.run { server in
            var browser = server.browser
            var away = try await browser.get("/api/auth/github")
            var (code, state) = try server.issuer.approve(away.headers["location"])
            let jar = browser.cookies
            _ = try await browser.comeBack("/api/auth/github/callback?code=\(code)&state=\(state)")
            #expect(browser.session != nil)
            var again = server.browser
            again.cookies = jar
            let second = try await again.comeBack("/api/auth/github/callback?code=\(code)&state=\(state)")
            #expect(second.headers["location"]?.hasPrefix("/sign-in?error=") == true)
            #expect(again.session == nil)

            var slow = server.browser
            away = try await slow.get("/api/auth/github")
            (code, state) = try server.issuer.approve(away.headers["location"])
            server.clock.advance(milliseconds: 600_000)
            let late = try await slow.comeBack("/api/auth/github/callback?code=\(code)&state=\(state)")
            #expect(late.headers["location"]?.hasPrefix("/sign-in?error=") == true)
            #expect(slow.session == nil)
        }
    }

    /// The session of before is worth nothing after: who planted or saw it has nothing.
    @Test func sessionChangesAtSignIn() async throws {
        try await AccountServer.run { server in
            let guest = try await server.guest()
            let planted = guest.session
            let browser = try await server.signedIn(in: guest)
            #expect(browser.session != planted)
            var attacker = guest
            #expect(try await attacker.get("/api/auth/session").status == 401)
            let again = try await server.signedIn(in: browser)
            #expect(again.session != browser.session)
            var old = browser
            #expect(try await old.get("/api/auth/session").status == 401)
        }
    }

    @Test(arguments: [
        ("/chat/1", "/chat/1"), ("/device?code=AB", "/device?code=AB"), ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"), ("\\\\evil.example", "/"), ("javascript:alert(1)", "/"), ("", "/"),
        ("/\tevil", "/"), ("/\r\nSet-Cookie: a=b", "/"), ("/api/auth/sign-out", "/"), ("/ü", "/"),
    ])
    func returnsToThisServerOnly(asked: String, expected: String) async throws {
        #expect(ReturnPath.checked(asked) == expected)
        try await AccountServer.run { server in
            var browser = server.browser
            let away = try await browser.get("/api/auth/github?returnTo=\(asked.formEncoded)")
            #expect(away.status == 303)
            let (code, state) = try server.issuer.approve(away.headers["location"])
            let back = try await browser.comeBack("/api/auth/github/callback?code=\(code)&state=\(state)")
            #expect(back.headers["location"] == expected)
        }
    }

    /// Another site can neither begin a sign-in nor end one in the visitor's name.
    @Test func otherSitesBeginNothing() async throws {
        try await AccountServer.run { server in
            for path in ["/api/auth/github", "/api/auth/oidc", "/api/auth/session"] {
                let response = try await server.http.get(path, headers: ["Sec-Fetch-Site": "cross-site"])
                #expect(response.status == 403, "\(path)")
            }
            let guest = try await server.http.send(
                "POST", "/api/auth/anonymous", headers: ["Origin": "https://evil.example"], json: [:])
            #expect(guest.status == 403)
            #expect(guest.headers["set-cookie"] == nil)
        }
    }

    @Test func providerInTroubleIsToldAsSuch() async throws {
        try await AccountServer.run { server in
            var browser = server.browser
            let away = try await browser.get("/api/auth/oidc")
            let (code, state) = try server.issuer.approve(away.headers["location"])
            server.issuer.state.withLock { $0.sign = { _, _ in throw CancellationError() } }
            let back = try await browser.comeBack("/api/auth/oidc/callback?code=\(code)&state=\(state)")
            #expect(back.headers["location"] == "/sign-in?error=unavailable")
        }
    }

    /// GitHub's token opens doors at GitHub: it is used twice and kept nowhere.
    @Test func providerTokenIsForgotten() async throws {
        let log = RecordedLog()
        try await AccountServer.run(logger: log.logger) { server in
            var browser = try await server.signedIn()
            let export = try await browser.get("/api/account/export").text
            #expect(!export.contains(FakeIssuer.accessToken))
            #expect(!export.contains(FakeIssuer.secret))
        }
        #expect(!log.text.contains(FakeIssuer.accessToken))
        #expect(!log.text.contains(FakeIssuer.secret))
    }
}

import Logging
import SimpleStreamKit
import SimpleStreamServer
import TestSupport

/// A server with accounts, and somebody who vouches for its users.
struct AccountServer: Sendable {
    let server: ChatServer
    let issuer: FakeIssuer
    /// What sessions go by.
    let clock: ManualClock

    var http: TestHTTP { server.http }
    var browser: TestBrowser { TestBrowser(server.http) }
    var store: any Store { server.chat.store }

    static func run<R: Sendable>(
        publicURL: String = "http://127.0.0.1",
        logger: Logger? = nil,
        trustedProxies: [String] = [],
        usage: UsageLimits = .unlimited,
        sizes: SizeLimits = SizeLimits(),
        configure: (inout AccountConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (AccountServer) async throws -> R
    ) async throws -> R {
        let clock = ManualClock()
        return try await FakeIssuer.run(now: clock.now) { issuer in
            var accounts = AccountConfiguration(gitHub: issuer.gitHub, openID: issuer.openID)
            accounts.now = clock.now
            accounts.checkInterval = .milliseconds(100)
            configure(&accounts)
            return try await ChatServer.run(
                store: InMemoryStore(now: clock.now), access: .accounts(accounts), publicURL: publicURL, logger: logger,
                trustedProxies: trustedProxies, usage: usage, sizes: sizes
            ) { server in
                try await body(AccountServer(server: server, issuer: issuer, clock: clock))
            }
        }
    }

    /// A browser in which somebody has signed in with GitHub.
    func signedIn(_ person: FakeIssuer.Person = .init(), in browser: TestBrowser? = nil) async throws -> TestBrowser {
        var browser = browser ?? self.browser
        let away = try await browser.get("/api/auth/github")
        let (code, state) = try issuer.approve(away.headers["location"], as: person)
        let back = try await browser.comeBack("/api/auth/github/callback?code=\(code)&state=\(state)")
        guard back.status == 303, browser.session != nil else {
            throw FakeIssuer.Wrong(what: "not signed in: \(back.status) \(back.headers["location"] ?? "")")
        }
        return browser
    }

    /// A browser of a guest.
    func guest() async throws -> TestBrowser {
        var browser = browser
        let response = try await browser.send("POST", "/api/auth/anonymous", json: [:])
        guard response.status == 201 else { throw FakeIssuer.Wrong(what: "no guest: \(response.text)") }
        return browser
    }

    /// The id of whoever a browser is.
    func userID(_ browser: TestBrowser) async throws -> String {
        var browser = browser
        return try await browser.get("/api/auth/session").json["user"]?["id"]?.string ?? ""
    }

    /// A token a browser's user has made.
    func token(
        _ browser: TestBrowser, scopes: [String] = ["chat", "read"], days: Int? = nil
    ) async throws -> (id: String, secret: String) {
        var browser = browser
        var body: JSONValue = ["name": "test", "scopes": .array(scopes.map { .string($0) })]
        body["expiresInDays"] = days.map(JSONValue.integer)
        let made = try await browser.send("POST", "/api/tokens", json: body)
        guard let id = made.json["id"]?.string, let secret = made.json["token"]?.string else {
            throw FakeIssuer.Wrong(what: "no token: \(made.text)")
        }
        return (id, secret)
    }

    /// A conversation with one answer.
    func conversation(
        _ browser: TestBrowser, prompt: String = "Question", answer: String = "Answer"
    ) async throws -> (id: String, messageID: String) {
        try await browser.withSocket { socket in
            let ack = try await socket.ask(prompt, provider: "scripted")
            let call = try await server.provider.nextCall()
            call.say(.text(answer))
            call.finish()
            _ = try await socket.follow()
            return (ack["conversationId"]?.string ?? "", ack["messageId"]?.string ?? "")
        }
    }
}

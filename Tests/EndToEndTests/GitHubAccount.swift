import TestSupport

/// A GitHub of a test's own, and a browser's way through it.
enum GitHubAccount {
    /// The server let nobody in.
    struct NotSignedIn: Error {
        let answer: String
    }

    /// Settings of servers with accounts whose users come from the upstream.
    static func settings(_ upstream: ScriptedUpstream) -> [String: String] {
        [
            "AUTH_MODE": "accounts", "PUBLIC_URL": "http://127.0.0.1", "GITHUB_CLIENT_ID": "client",
            "GITHUB_CLIENT_SECRET": "secret", "GITHUB_BASE_URL": upstream.url,
        ]
    }

    /// What GitHub answers: it knows one user.
    static func answer(_ request: ScriptedUpstream.Request) -> ScriptedUpstream.Reply {
        switch request.path {
        case "/login/oauth/access_token":
            request.text.contains("code=good") && request.text.contains("client_secret=secret")
                ? .json(#"{"access_token": "gho_x"}"#) : .json(#"{"error": "bad_verification_code"}"#)
        case "/api/v3/user": .json(#"{"id": 7, "login": "ann"}"#)
        case "/api/v3/user/emails": .json("[]")
        default: .json(status: 404)
        }
    }

    /// Goes through the provider and back; the cookies of the new session.
    static func signIn(at server: ServerProcess) async throws -> String {
        let away = try await server.http.get("/api/auth/github")
        let location = away.headers["location"] ?? ""
        let state = location.firstRange(of: "&state=").map { location[$0.upperBound...].prefix { $0 != "&" } } ?? ""
        let back = try await server.http.get(
            "/api/auth/github/callback?code=good&state=\(state)", headers: ["Cookie": cookies(of: away)])
        guard back.headers["location"] == "/" else { throw NotSignedIn(answer: back.text) }
        return cookies(of: back)
    }

    static func cookies(of response: TestConnection.Response) -> String {
        (response.headers["set-cookie"] ?? "").split(separator: "\n").map { $0.prefix { $0 != ";" } }
            .filter { !$0.hasSuffix("=") }.joined(separator: "; ")
    }
}

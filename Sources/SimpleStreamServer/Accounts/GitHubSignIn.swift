import SimpleStreamKit

/// Sign-in with GitHub, or a GitHub Enterprise server.
struct GitHubSignIn: SignInProvider {
    let application: AccountConfiguration.GitHub
    let requests: OutgoingRequests

    let name = "github"
    let title = "GitHub"

    init(_ application: AccountConfiguration.GitHub, transport: any HTTPTransport) {
        self.application = application
        requests = OutgoingRequests(transport: transport, name: "GitHub")
    }

    func authorizationURL(_ request: AuthorizationRequest) async throws(ChatError) -> String {
        let query: [(String, String)] = [
            ("client_id", application.clientID), ("redirect_uri", request.redirectURI), ("state", request.state),
            ("scope", "read:user user:email"), ("code_challenge", request.challenge),
            ("code_challenge_method", "S256"),
        ]
        return "\(application.baseURL)/login/oauth/authorize?" + query.formEncoded
    }

    func identify(_ answer: AuthorizationAnswer) async throws(ChatError) -> VerifiedIdentity {
        let grant = try await requests.post(
            "\(application.baseURL)/login/oauth/access_token",
            form: [
                ("client_id", application.clientID), ("client_secret", application.clientSecret.reveal()),
                ("code", answer.code), ("redirect_uri", answer.redirectURI), ("code_verifier", answer.verifier),
            ])
        // Used for the two questions below and then forgotten.
        guard let token = grant["access_token"]?.string.map(Secret.init), grant["error"] == nil else {
            throw ChatError(.forbidden, "GitHub did not confirm the sign-in.")
        }
        let user = try await requests.get("\(application.apiURL)/user", bearer: token)
        guard let id = user["id"]?.int, id > 0 else {
            throw ChatError(.forbidden, "GitHub did not say who you are.")
        }
        let emails = try await requests.get("\(application.apiURL)/user/emails", bearer: token)
        let primary = emails.array?.first { $0["primary"] == true && $0["verified"] == true }
        return VerifiedIdentity(
            identity: Identity(issuer: application.baseURL, subject: String(id)),
            name: user["name"]?.string ?? user["login"]?.string,
            email: primary?["email"]?.string,
            avatarURL: user["avatar_url"]?.string
        )
    }
}

extension [(String, String)] {
    /// As a query or a form.
    var formEncoded: String { map { "\($0.formEncoded)=\($1.formEncoded)" }.joined(separator: "&") }
}

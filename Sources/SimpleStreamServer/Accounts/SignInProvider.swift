import SimpleStreamKit

/// Somebody who vouches for users: sends them away and learns who came back.
protocol SignInProvider: Sendable {
    /// Where it lives in our paths and the store.
    var name: String { get }

    /// What a button says.
    var title: String { get }

    /// The page a browser is sent to.
    func authorizationURL(_ request: AuthorizationRequest) async throws(ChatError) -> String

    /// Who came back with a code.
    ///
    /// - Throws: `forbidden` when the provider or its answer does not vouch for anybody, `provider_unavailable` when it cannot
    ///   be asked.
    func identify(_ answer: AuthorizationAnswer) async throws(ChatError) -> VerifiedIdentity
}

/// What a browser is sent away with.
struct AuthorizationRequest: Sendable {
    var redirectURI: String
    var state: String
    /// SHA-256 of the verifier, in base64url.
    var challenge: String
    var nonce: String
}

/// What it came back with, checked to be from the same browser.
struct AuthorizationAnswer: Sendable {
    var code: String
    var redirectURI: String
    var verifier: String
    var nonce: String
}

/// Who somebody is, as a provider says.
struct VerifiedIdentity: Sendable {
    var identity: Identity
    var name: String
    /// Nil unless the provider has verified it.
    var email: String?
    var avatarURL: String?

    init(identity: Identity, name: String?, email: String?, avatarURL: String?) {
        self.identity = identity
        let name = (name ?? "").filter { !$0.isNewline && $0 != "\0" }
        self.name = name.allSatisfy(\.isWhitespace) ? "Unnamed" : String(name.prefix(100))
        self.email = email.flatMap { $0.utf8.count <= 320 && $0.contains("@") ? $0 : nil }
        self.avatarURL = avatarURL.flatMap { $0.hasPrefix("https://") && $0.utf8.count <= 500 ? $0 : nil }
    }
}

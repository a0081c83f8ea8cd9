import Crypto
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lets users in and out.
struct AccountService: Sendable {
    let chat: ChatService
    let configuration: AccountConfiguration
    let cookie: SessionCookie
    /// Where users reach the server, without a slash at the end; nil when only this machine does.
    let publicURL: String?
    let providers: [any SignInProvider]
    let counters: any Counters
    let now: @Sendable () -> Date
    let audit: AuditLog

    var store: any Store { chat.store }

    /// How long a sign-in, a browser's or a program's, may take.
    static let signInTime = Duration.seconds(600)

    /// A session that was just made, and the token that only its browser gets.
    struct NewSession: Sendable {
        var session: UserSession
        var user: UserAccount
        var token: Secret
    }

    // MARK: Sessions

    /// Begins a session, in place of the browser's old one.
    func begin(
        of user: UserAccount, replacing old: SignedInSession?, limit: Duration, isProven: Bool
    ) async throws(ChatError) -> NewSession {
        let token = AccessToken.make()
        let now = now()
        let end = now + limit.timeInterval
        let session = UserSession(
            id: UUIDv7.make(), tokenHash: AccessToken.hash(token.reveal()), userID: user.id, createdAt: now,
            lastSeenAt: now, expiresAt: min(end, now + configuration.sessionTime.timeInterval), endsAt: end,
            authenticatedAt: isProven ? now : nil)
        try await store.addSession(session, replacing: old?.session.tokenHash)
        if let old { chat.announce(.session(old.session.id)) }
        return NewSession(session: session, user: user, token: token)
    }

    /// Makes a guest.
    func beginGuest(address: String?) async throws(ChatError) -> NewSession {
        guard configuration.allowsGuests else {
            throw ChatError(.forbidden, "This server has no guests. Sign in.")
        }
        try await counters.spend(
            from: "guests:\(address ?? "")", at: .perHour(configuration.guestsPerAddress),
            orSay: "Too many guests came from your address. Sign in, or come back later.")
        let guest = UserAccount(id: UUIDv7.make(), kind: .guest, name: "Guest", createdAt: now())
        try await store.addUser(guest)
        await audit.note(.guestStarted, by: guest.id, address: address)
        return try await begin(of: guest, replacing: nil, limit: configuration.guestLimit, isProven: false)
    }

    /// Ends a session and closes its sockets, everywhere.
    func end(_ sessionID: String, of userID: String, address: String?) async throws(ChatError) {
        _ = try await store.deleteSession(sessionID, of: userID)
        chat.announce(.session(sessionID))
        await audit.note(.signedOut, by: userID, address: address)
    }

    /// Ends a token and closes its sockets, everywhere; false when the user has none such.
    func revoke(_ tokenID: String, of userID: String, address: String?) async throws(ChatError) -> Bool {
        let name = try await store.tokens(of: userID).first { $0.id == tokenID }?.name
        guard try await store.deleteToken(tokenID, of: userID) else { return false }
        chat.announce(.token(tokenID))
        var detail = ["token": tokenID]
        detail["name"] = name
        await audit.note(.tokenRevoked, by: userID, detail, address: address)
        return true
    }

    // MARK: Signing in

    /// Sends a browser to a provider.
    ///
    /// - Returns: where to, and the secret its cookie gets.
    func leave(
        for provider: any SignInProvider, returnPath: String?, address: String?
    ) async throws(ChatError) -> (String, Secret) {
        try await counters.spend(
            from: "sign-ins:\(address ?? "")", at: .perHour(configuration.signInsPerAddress),
            orSay: "Too many sign-ins were begun from your address. Wait a while.")
        let state = AccessToken.make().reveal()
        let browser = AccessToken.make()
        let verifier = AccessToken.make().reveal()
        let nonce = AccessToken.make().reveal()
        let url = try await provider.authorizationURL(
            AuthorizationRequest(
                redirectURI: redirectURI(of: provider), state: state,
                challenge: Array(SHA256.hash(data: Array(verifier.utf8))).base64URL, nonce: nonce))
        try await store.addSignInAttempt(
            SignInAttempt(
                stateHash: AccessToken.hash(state), browserHash: AccessToken.hash(browser.reveal()),
                provider: provider.name, verifier: verifier, nonce: nonce,
                returnPath: ReturnPath.checked(returnPath), expiresAt: now() + Self.signInTime.timeInterval))
        return (url, browser)
    }

    /// Takes a browser back that was sent away, once and in time.
    ///
    /// - Parameter secret: of its cookie.
    /// - Throws: `forbidden` when it was not sent away, or not by us, or not to there.
    func comeBack(
        to provider: any SignInProvider, state: String, secret: String?
    ) async throws(ChatError) -> SignInAttempt {
        let attempt = try await store.takeSignInAttempt(withHash: AccessToken.hash(state))
        guard let attempt, let secret, attempt.browserHash == AccessToken.hash(secret),
            attempt.provider == provider.name
        else { throw ChatError(.forbidden, "This sign-in was not begun here, or has expired.") }
        return attempt
    }

    /// Signs in whoever the provider says came back; what the browser's guest has becomes theirs.
    func signIn(
        _ code: String, _ attempt: SignInAttempt, at provider: any SignInProvider, from old: SignedInSession?,
        address: String?
    ) async throws(ChatError) -> NewSession {
        let verified = try await provider.identify(
            AuthorizationAnswer(
                code: code, redirectURI: redirectURI(of: provider), verifier: attempt.verifier, nonce: attempt.nonce))
        let isAdmin = configuration.administrators.contains(verified.identity)
        let user = try await store.signIn(
            verified.identity,
            as: UserAccount(
                id: UUIDv7.make(), kind: isAdmin ? .admin : .member, name: verified.name, email: verified.email,
                avatarURL: verified.avatarURL, createdAt: now()))
        // Before the session: when this fails the guest is still there, and the next try moves everything.
        if let old, old.user.kind == .guest, try await chat.mergeGuest(old.user.id, into: user.id) {
            await audit.note(.guestMerged, by: user.id, address: address)
        }
        let session = try await begin(
            of: user, replacing: old, limit: configuration.sessionLimit, isProven: true)
        await audit.note(.signedIn, by: user.id, ["with": provider.name], address: address)
        return session
    }

    func redirectURI(of provider: any SignInProvider) -> String {
        "\(publicURL ?? "")/api/auth/\(provider.name)/callback"
    }
}

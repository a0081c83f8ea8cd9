import HTTPTypes
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Tells who a request is from, by its credential alone. The only place that does, for every way in.
///
/// Every request asks the store, so that what is revoked on any node lets nobody in on this one.
struct Authenticator: Sendable {
    let store: any Store
    /// Nil for a server without accounts.
    let accounts: AccountConfiguration?
    let cookie: SessionCookie
    let now: @Sendable () -> Date

    /// A visit within this time of the last one is not noted.
    private static let visitInterval: TimeInterval = 60

    /// The user; nil for nobody, or for a credential that lets nobody in.
    ///
    /// - Throws: `storage_unavailable`, `unauthenticated` for a token that lets nobody in.
    func authenticate(_ head: HTTPRequest) async throws(ChatError) -> User? {
        let bearer = Self.bearer(in: head)
        guard let accounts else {
            // Who gets here has passed the rules for Host and Origin, and the server listens on loopback only. Clients of
            // other services send keys of those; one of our tokens is meant for another server.
            if bearer?.hasPrefix(AccessToken.apiPrefix) == true { throw Self.badToken }
            return .local
        }
        // A token is sent on purpose: it decides, and a bad one is never made good by a cookie beside it.
        if let bearer { return try await user(ofToken: bearer) }
        guard let token = cookie.token(in: head) else { return nil }
        return try await user(ofSession: token, accounts)
    }

    /// The session of a cookie, for signing out and for taking another one's place.
    func session(_ head: HTTPRequest) async throws(ChatError) -> SignedInSession? {
        guard accounts != nil, let token = cookie.token(in: head) else { return nil }
        return try await store.session(withHash: AccessToken.hash(token))
    }

    private func user(ofToken text: String) async throws(ChatError) -> User {
        guard text.hasPrefix(AccessToken.apiPrefix), text.utf8.count <= 128,
            let found = try await store.token(withHash: AccessToken.hash(text))
        else { throw Self.badToken }
        let token = found.token
        let now = now()
        if token.lastUsedAt.map({ now.timeIntervalSince($0) >= Self.visitInterval }) ?? true {
            // Only tells its owner; that it cannot be noted keeps nobody out.
            try? await store.markTokenUsed(token.id, at: now)
        }
        var scopes = token.scopes
        // Whoever is no administrator any more sees no more of the server.
        if found.user.kind != .admin { scopes.remove(.ops) }
        return User(
            id: found.user.id, kind: found.user.kind, scopes: scopes,
            proof: .token(id: token.id, expiresAt: token.expiresAt))
    }

    private func user(ofSession token: String, _ accounts: AccountConfiguration) async throws(ChatError) -> User? {
        guard let found = try await store.session(withHash: AccessToken.hash(token)) else { return nil }
        let session = found.session
        let now = now()
        if now.timeIntervalSince(session.lastSeenAt) >= Self.visitInterval {
            let expiry = min(now + accounts.sessionTime.timeInterval, session.endsAt)
            // The session still is what it was; the next visit tries again.
            try? await store.extendSession(session.id, lastSeenAt: now, expiresAt: expiry)
        }
        var scopes = Set(AccessScope.all)
        if found.user.kind != .admin { scopes.remove(.ops) }
        return User(
            id: found.user.id, kind: found.user.kind, scopes: scopes,
            proof: .session(id: session.id, authenticatedAt: session.authenticatedAt))
    }

    /// The token of `Authorization: Bearer`, or of the subprotocol `bearer.<token>` that browsers can send with a socket.
    private static func bearer(in head: HTTPRequest) -> String? {
        if let field = head.headerFields[.authorization] {
            let parts = field.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return "" }
            return String(parts[1].drop { $0 == " " })
        }
        guard let offered = head.headerFields[.secWebSocketProtocol] else { return nil }
        let bearer = offered.split { $0 == "," || $0 == " " }.first { $0.hasPrefix("bearer.") }
        return bearer.map { String($0.dropFirst("bearer.".count)) }
    }

    private static let badToken = ChatError(
        .unauthenticated, "This token lets nobody in: it is wrong, has expired or was revoked.")
}

extension Duration {
    /// Seconds, for dates.
    var timeInterval: TimeInterval { TimeInterval(components.seconds) + TimeInterval(components.attoseconds) / 1e18 }
}

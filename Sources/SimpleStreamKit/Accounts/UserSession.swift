#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One browser that is signed in.
public struct UserSession: Sendable, Hashable, Identifiable {
    /// A UUIDv7. No credential: whoever knows it can do nothing with it.
    public let id: String
    /// Of the token the browser has; see ``AccessToken``.
    public let tokenHash: String
    public let userID: String
    public let createdAt: Date
    public var lastSeenAt: Date
    /// When it ends unless the user comes back; later after each visit.
    public var expiresAt: Date
    /// When it ends whatever happens.
    public let endsAt: Date
    /// When the user last proved who they are; nil for guests, who never did.
    public let authenticatedAt: Date?

    public init(
        id: String, tokenHash: String, userID: String, createdAt: Date, lastSeenAt: Date, expiresAt: Date,
        endsAt: Date, authenticatedAt: Date?
    ) {
        self.id = id
        self.tokenHash = tokenHash
        self.userID = userID
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.expiresAt = expiresAt
        self.endsAt = endsAt
        self.authenticatedAt = authenticatedAt
    }
}

/// A session and whose it is.
public struct SignedInSession: Sendable, Hashable {
    public var session: UserSession
    public var user: UserAccount

    public init(session: UserSession, user: UserAccount) {
        self.session = session
        self.user = user
    }
}

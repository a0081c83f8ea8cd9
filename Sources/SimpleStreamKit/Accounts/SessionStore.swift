#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Browsers that are signed in.
///
/// What has expired, by the store's clock, is not there any more, whether its row is or not.
public protocol SessionStore: Sendable {
    /// Adds a session of a user that exists, and deletes the one it replaces in the same transaction.
    func addSession(_ session: UserSession, replacing oldTokenHash: String?) async throws(ChatError)

    /// The session of a token, and whose it is, in one query.
    func session(withHash tokenHash: String) async throws(ChatError) -> SignedInSession?

    /// Notes a visit. Never brings back a session that is gone.
    func extendSession(_ id: String, lastSeenAt: Date, expiresAt: Date) async throws(ChatError)

    /// A user's sessions, newest first.
    func sessions(of userID: String) async throws(ChatError) -> [UserSession]

    /// Ends a session; false when the user has none such.
    func deleteSession(_ id: String, of userID: String) async throws(ChatError) -> Bool

    /// Those of the ids that still are sessions.
    func validSessions(_ ids: [String]) async throws(ChatError) -> Set<String>
}

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Credentials for programs.
///
/// What has expired, by the store's clock, lets nobody in; its owner still sees it in the list.
public protocol TokenStore: Sendable {
    /// Adds a token of a user that exists.
    func addToken(_ token: APIToken) async throws(ChatError)

    /// The token with that hash, and whose it is, in one query; nil when it has expired.
    func token(withHash tokenHash: String) async throws(ChatError) -> VerifiedToken?

    /// A user's tokens, newest first.
    func tokens(of userID: String) async throws(ChatError) -> [APIToken]

    /// Notes that a token was used.
    func markTokenUsed(_ id: String, at time: Date) async throws(ChatError)

    /// Deletes a token; false when the user has none such.
    func deleteToken(_ id: String, of userID: String) async throws(ChatError) -> Bool

    /// Those of the ids that still let somebody in.
    func validTokens(_ ids: [String]) async throws(ChatError) -> Set<String>
}

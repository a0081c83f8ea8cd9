#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What a conversation was when its owner shared it.
public struct SharedConversation: Sendable, Hashable {
    /// Of the token in the link; see ``AccessToken``.
    public let tokenHash: String
    public let conversationID: String
    public let userID: String
    /// JSON, as readers get it.
    public let snapshot: String
    public let createdAt: Date

    public init(tokenHash: String, conversationID: String, userID: String, snapshot: String, createdAt: Date) {
        self.tokenHash = tokenHash
        self.conversationID = conversationID
        self.userID = userID
        self.snapshot = snapshot
        self.createdAt = createdAt
    }
}

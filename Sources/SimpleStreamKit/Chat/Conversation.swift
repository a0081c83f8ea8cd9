#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A tree of messages that belongs to one user.
public struct Conversation: Sendable, Hashable, Identifiable {
    /// A UUIDv7.
    public let id: String
    /// The owner.
    public let userID: String
    /// At most 200 characters.
    public var title: String
    public let createdAt: Date
    public var updatedAt: Date
    /// The message at the end of the branch that is shown and continued by default.
    public var activeLeafID: String?

    public init(
        id: String,
        userID: String,
        title: String,
        createdAt: Date,
        updatedAt: Date,
        activeLeafID: String? = nil
    ) {
        self.id = id
        self.userID = userID
        self.title = title
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.activeLeafID = activeLeafID
    }
}

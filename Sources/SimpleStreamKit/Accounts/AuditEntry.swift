#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Something that happened to an account.
public struct AuditEntry: Sendable, Hashable, Identifiable {
    /// What happened.
    public struct Action: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        public static let guestStarted = Action(rawValue: "guest_started")
        public static let signedIn = Action(rawValue: "signed_in")
        public static let signedOut = Action(rawValue: "signed_out")
        public static let guestMerged = Action(rawValue: "guest_merged")
        public static let tokenCreated = Action(rawValue: "token_created")
        public static let tokenRevoked = Action(rawValue: "token_revoked")
        public static let deviceApproved = Action(rawValue: "device_approved")
        public static let keySaved = Action(rawValue: "key_saved")
        public static let keyDeleted = Action(rawValue: "key_deleted")
        public static let keyRevealed = Action(rawValue: "key_revealed")
        public static let conversationShared = Action(rawValue: "conversation_shared")
        public static let conversationUnshared = Action(rawValue: "conversation_unshared")
        public static let dataExported = Action(rawValue: "data_exported")
        public static let accountDeleted = Action(rawValue: "account_deleted")
    }

    /// A UUIDv7: entries sort by it.
    public let id: String
    public let userID: String
    public let action: Action
    /// A few words more, such as which provider. Never a secret, a prompt or an answer.
    public let detail: [String: String]
    /// The address of who did it; nil when unknown.
    public let address: String?
    public let createdAt: Date

    public init(
        id: String? = nil, userID: String, action: Action, detail: [String: String] = [:], address: String?,
        createdAt: Date
    ) {
        self.id = id ?? UUIDv7.make()
        self.userID = userID
        self.action = action
        self.detail = detail
        self.address = address
        self.createdAt = createdAt
    }
}

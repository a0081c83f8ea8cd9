#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A credential for programs.
public struct APIToken: Sendable, Hashable, Identifiable {
    /// A UUIDv7. No credential.
    public let id: String
    /// Of the token itself; see ``AccessToken``.
    public let tokenHash: String
    public let userID: String
    /// What its owner calls it.
    public var name: String
    public var scopes: Set<AccessScope>
    public let createdAt: Date
    /// When it ends; nil for never.
    public var expiresAt: Date?
    /// Nil when it never was. To the minute.
    public var lastUsedAt: Date?

    public init(
        id: String, tokenHash: String, userID: String, name: String, scopes: Set<AccessScope>, createdAt: Date,
        expiresAt: Date?, lastUsedAt: Date? = nil
    ) {
        self.id = id
        self.tokenHash = tokenHash
        self.userID = userID
        self.name = name
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
    }
}

/// A token and whose it is.
public struct VerifiedToken: Sendable, Hashable {
    public var token: APIToken
    public var user: UserAccount

    public init(token: APIToken, user: UserAccount) {
        self.token = token
        self.user = user
    }
}

/// A thing a credential allows.
public struct AccessScope: RawRepresentable, Hashable, Sendable, Comparable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// Asking, stopping, and changing conversations.
    public static let chat = AccessScope(rawValue: "chat")
    /// Seeing what is stored.
    public static let read = AccessScope(rawValue: "read")
    /// Saving and deleting provider keys.
    public static let keys = AccessScope(rawValue: "keys")
    /// The account itself: tokens, the audit log, export, deletion.
    public static let admin = AccessScope(rawValue: "admin")
    /// How the server does. Only administrators can give it away.
    public static let ops = AccessScope(rawValue: "ops")

    /// In the order they are shown.
    public static let all: [AccessScope] = [.chat, .read, .keys, .admin, .ops]

    public static func < (left: AccessScope, right: AccessScope) -> Bool { left.rawValue < right.rawValue }
}

extension Set<AccessScope> {
    /// As stores keep them: names in order, separated by spaces.
    package var text: String { sorted().map(\.rawValue).joined(separator: " ") }

    package init(text: String) { self.init(text.split(separator: " ").map { AccessScope(rawValue: String($0)) }) }
}

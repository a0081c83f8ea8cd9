import Crypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Somebody a server knows.
public struct UserAccount: Sendable, Hashable, Identifiable {
    /// What a user may do besides using their own things.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// Came without signing in; goes when the session does.
        public static let guest = Kind(rawValue: "guest")
        public static let member = Kind(rawValue: "member")
        /// May also see how the server does.
        public static let admin = Kind(rawValue: "admin")
    }

    /// A UUIDv7.
    public let id: String
    public var kind: Kind
    public var name: String
    /// Verified by who vouched for the user. For showing: nobody is found by it.
    public var email: String?
    public var avatarURL: String?
    public let createdAt: Date

    public init(id: String, kind: Kind, name: String, email: String? = nil, avatarURL: String? = nil, createdAt: Date) {
        self.id = id
        self.kind = kind
        self.name = name
        self.email = email
        self.avatarURL = avatarURL
        self.createdAt = createdAt
    }
}

/// Who somebody is elsewhere. The same identity is always the same user.
public struct Identity: Sendable, Hashable {
    /// The base URL of who vouches for it, such as `https://github.com`.
    public var issuer: String
    /// The user's id there, which never changes: GitHub's number, OpenID's `sub`.
    public var subject: String

    public init(issuer: String, subject: String) {
        self.issuer = issuer
        self.subject = subject
    }

    /// Whose sums of quotas are kept when their user is deleted, until the period ends: a hash, no name.
    package var formerScope: String {
        "former:\(Array(SHA256.hash(data: Array("\(issuer)\0\(subject)".utf8))).hex)"
    }
}

/// What went with a user.
public struct DeletedUser: Sendable, Hashable {
    /// Whose bytes are to go too.
    public var attachmentIDs: [String]
    /// Runs that were active.
    public var runIDs: [String]

    public init(attachmentIDs: [String] = [], runIDs: [String] = []) {
        self.attachmentIDs = attachmentIDs
        self.runIDs = runIDs
    }
}

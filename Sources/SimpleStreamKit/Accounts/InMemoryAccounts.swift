#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The part of an ``InMemoryStore`` that is about accounts.
struct InMemoryAccounts: Sendable {
    var users: [String: UserAccount] = [:]
    var userIDs: [Identity: String] = [:]
    /// By token hash.
    var sessions: [String: UserSession] = [:]
    /// By token hash.
    var tokens: [String: APIToken] = [:]
    /// By state hash.
    var attempts: [String: SignInAttempt] = [:]
    /// By device hash.
    var deviceLogins: [String: DeviceLogin] = [:]
    /// By user.
    var audit: [String: [AuditEntry]] = [:]
    /// By conversation.
    var shares: [String: SharedConversation] = [:]

    /// Forgets who a user is and what lets them in.
    mutating func removeUser(_ id: String) {
        users[id] = nil
        userIDs = userIDs.filter { $0.value != id }
        sessions = sessions.filter { $0.value.userID != id }
        tokens = tokens.filter { $0.value.userID != id }
        deviceLogins = deviceLogins.filter { $0.value.userID != id }
    }
}

extension UserSession {
    /// Whether it has ended by itself.
    func hasExpired(at now: Date) -> Bool { expiresAt <= now || endsAt <= now }

    /// The session as it comes back from a store.
    package var stored: UserSession {
        UserSession(
            id: id, tokenHash: tokenHash, userID: userID, createdAt: createdAt.asStored,
            lastSeenAt: lastSeenAt.asStored, expiresAt: expiresAt.asStored, endsAt: endsAt.asStored,
            authenticatedAt: authenticatedAt?.asStored)
    }
}

extension APIToken {
    func hasExpired(at now: Date) -> Bool { expiresAt.map { $0 <= now } ?? false }

    /// The token as it comes back from a store.
    package var stored: APIToken {
        APIToken(
            id: id, tokenHash: tokenHash, userID: userID, name: name.asStored, scopes: scopes,
            createdAt: createdAt.asStored, expiresAt: expiresAt?.asStored, lastUsedAt: lastUsedAt?.asStored)
    }
}

extension UserAccount {
    /// The user as they come back from a store.
    package var stored: UserAccount {
        UserAccount(
            id: id, kind: kind, name: name.asStored, email: email?.asStored, avatarURL: avatarURL?.asStored,
            createdAt: createdAt.asStored)
    }

    /// The user with what whoever vouches for them says now.
    package func updated(from user: UserAccount) -> UserAccount {
        UserAccount(
            id: id, kind: user.kind, name: user.name, email: user.email, avatarURL: user.avatarURL,
            createdAt: createdAt)
    }
}

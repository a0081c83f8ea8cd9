#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension InMemoryStore {
    // MARK: Users

    public func addUser(_ user: UserAccount) async throws(ChatError) {
        try transaction { state throws(ChatError) in
            guard state.accounts.users[user.id] == nil else { throw StoreError.taken("user") }
            state.accounts.users[user.id] = user.stored
        }
    }

    public func user(_ id: String) async throws(ChatError) -> UserAccount? {
        try transaction { state throws(ChatError) in state.accounts.users[id] }
    }

    public func signIn(_ identity: Identity, as user: UserAccount) async throws(ChatError) -> UserAccount {
        let now = self.now
        return try transaction { state throws(ChatError) in
            if let id = state.accounts.userIDs[identity], let known = state.accounts.users[id] {
                let updated = known.updated(from: user.stored)
                state.accounts.users[id] = updated
                return updated
            }
            guard state.accounts.users[user.id] == nil else { throw StoreError.taken("user") }
            state.accounts.users[user.id] = user.stored
            state.accounts.userIDs[identity] = user.id
            state.quotas.move(identity.formerScope, to: "user:\(user.id)", at: now)
            return user.stored
        }
    }

    public func identities(of userID: String) async throws(ChatError) -> [Identity] {
        try transaction { state throws(ChatError) in
            state.accounts.userIDs.filter { $0.value == userID }.keys
                .sorted { ($0.issuer, $0.subject) < ($1.issuer, $1.subject) }
        }
    }

    public func mergeGuest(
        _ guestID: String, into userID: String, keys: [StoredKey]
    ) async throws(ChatError) -> Bool {
        try transaction { state throws(ChatError) in
            guard guestID != userID, state.accounts.users[guestID]?.kind == .guest,
                state.accounts.users[userID] != nil
            else { return false }
            state.moveEverything(of: guestID, to: userID, keys: keys)
            state.accounts.removeUser(guestID)
            return true
        }
    }

    public func deleteUser(_ id: String) async throws(ChatError) -> DeletedUser? {
        let now = self.now
        return try transaction { state throws(ChatError) -> DeletedUser? in
            guard state.accounts.users[id] != nil else { return nil }
            let deleted = state.deleteEverything(of: id, at: now)
            state.accounts.removeUser(id)
            return deleted
        }
    }

    // MARK: Sessions

    public func addSession(_ session: UserSession, replacing oldTokenHash: String?) async throws(ChatError) {
        try transaction { state throws(ChatError) in
            guard state.accounts.users[session.userID] != nil else { throw StoreError.notFound("user") }
            guard state.accounts.sessions[session.tokenHash] == nil else { throw StoreError.taken("session") }
            if let oldTokenHash { state.accounts.sessions[oldTokenHash] = nil }
            state.accounts.sessions[session.tokenHash] = session.stored
        }
    }

    public func session(withHash tokenHash: String) async throws(ChatError) -> SignedInSession? {
        let now = self.now
        return try transaction { state throws(ChatError) in
            guard let session = state.accounts.sessions[tokenHash], !session.hasExpired(at: now),
                let user = state.accounts.users[session.userID]
            else { return nil }
            return SignedInSession(session: session, user: user)
        }
    }

    public func extendSession(_ id: String, lastSeenAt: Date, expiresAt: Date) async throws(ChatError) {
        let now = self.now
        try transaction { state throws(ChatError) in
            guard var session = state.accounts.sessions.values.first(where: { $0.id == id }),
                !session.hasExpired(at: now)
            else { return }
            session.lastSeenAt = lastSeenAt.asStored
            session.expiresAt = expiresAt.asStored
            state.accounts.sessions[session.tokenHash] = session
        }
    }

    public func sessions(of userID: String) async throws(ChatError) -> [UserSession] {
        let now = self.now
        return try transaction { state throws(ChatError) in
            state.accounts.sessions.values.filter { $0.userID == userID && !$0.hasExpired(at: now) }
                .sorted { $0.id > $1.id }
        }
    }

    public func deleteSession(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try transaction { state throws(ChatError) in
            let session = state.accounts.sessions.values.first { $0.id == id && $0.userID == userID }
            guard let session else { return false }
            state.accounts.sessions[session.tokenHash] = nil
            return true
        }
    }

    public func validSessions(_ ids: [String]) async throws(ChatError) -> Set<String> {
        let now = self.now
        let asked = Set(ids)
        return try transaction { state throws(ChatError) in
            Set(state.accounts.sessions.values.filter { !$0.hasExpired(at: now) }.map(\.id)).intersection(asked)
        }
    }

    // MARK: Tokens

    public func addToken(_ token: APIToken) async throws(ChatError) {
        try transaction { state throws(ChatError) in
            guard state.accounts.users[token.userID] != nil else { throw StoreError.notFound("user") }
            guard state.accounts.tokens[token.tokenHash] == nil else { throw StoreError.taken("token") }
            state.accounts.tokens[token.tokenHash] = token.stored
        }
    }

    public func token(withHash tokenHash: String) async throws(ChatError) -> VerifiedToken? {
        let now = self.now
        return try transaction { state throws(ChatError) in
            guard let token = state.accounts.tokens[tokenHash], !token.hasExpired(at: now),
                let user = state.accounts.users[token.userID]
            else { return nil }
            return VerifiedToken(token: token, user: user)
        }
    }

    public func tokens(of userID: String) async throws(ChatError) -> [APIToken] {
        try transaction { state throws(ChatError) in
            state.accounts.tokens.values.filter { $0.userID == userID }.sorted { $0.id > $1.id }
        }
    }

    public func markTokenUsed(_ id: String, at time: Date) async throws(ChatError) {
        try transaction { state throws(ChatError) in
            guard let token = state.accounts.tokens.values.first(where: { $0.id == id }) else { return }
            state.accounts.tokens[token.tokenHash]?.lastUsedAt = time.asStored
        }
    }

    public func deleteToken(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try transaction { state throws(ChatError) in
            let token = state.accounts.tokens.values.first { $0.id == id && $0.userID == userID }
            guard let token else { return false }
            state.accounts.tokens[token.tokenHash] = nil
            return true
        }
    }

    public func validTokens(_ ids: [String]) async throws(ChatError) -> Set<String> {
        let now = self.now
        let asked = Set(ids)
        return try transaction { state throws(ChatError) in
            Set(state.accounts.tokens.values.filter { !$0.hasExpired(at: now) }.map(\.id)).intersection(asked)
        }
    }
}

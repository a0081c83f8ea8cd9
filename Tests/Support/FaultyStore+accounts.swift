public import Foundation
public import SimpleStreamKit

extension FaultyStore {
    // MARK: UserStore

    public func addUser(_ user: UserAccount) async throws(ChatError) {
        try await self.attempt { () async throws(ChatError) in try await base.addUser(user) }
    }

    public func user(_ id: String) async throws(ChatError) -> UserAccount? {
        try await self.attempt { () async throws(ChatError) in try await base.user(id) }
    }

    public func signIn(_ identity: Identity, as user: UserAccount) async throws(ChatError) -> UserAccount {
        try await self.attempt { () async throws(ChatError) in try await base.signIn(identity, as: user) }
    }

    public func identities(of userID: String) async throws(ChatError) -> [Identity] {
        try await self.attempt { () async throws(ChatError) in try await base.identities(of: userID) }
    }

    public func mergeGuest(_ guestID: String, into userID: String, keys: [StoredKey]) async throws(ChatError) -> Bool {
        try await self.attempt { () async throws(ChatError) in
            try await base.mergeGuest(guestID, into: userID, keys: keys)
        }
    }

    public func deleteUser(_ id: String) async throws(ChatError) -> DeletedUser? {
        try await self.attempt { () async throws(ChatError) in try await base.deleteUser(id) }
    }

    // MARK: SessionStore

    public func addSession(_ session: UserSession, replacing oldTokenHash: String?) async throws(ChatError) {
        try await self.attempt { () async throws(ChatError) in
            try await base.addSession(session, replacing: oldTokenHash)
        }
    }

    public func session(withHash tokenHash: String) async throws(ChatError) -> SignedInSession? {
        try await self.attempt { () async throws(ChatError) in try await base.session(withHash: tokenHash) }
    }

    public func extendSession(_ id: String, lastSeenAt: Date, expiresAt: Date) async throws(ChatError) {
        try await self.attempt { () async throws(ChatError) in
            try await base.extendSession(id, lastSeenAt: lastSeenAt, expiresAt: expiresAt)
        }
    }

    public func sessions(of userID: String) async throws(ChatError) -> [UserSession] {
        try await self.attempt { () async throws(ChatError) in try await base.sessions(of: userID) }
    }

    public func deleteSession(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try await self.attempt { () async throws(ChatError) in try await base.deleteSession(id, of: userID) }
    }

    public func validSessions(_ ids: [String]) async throws(ChatError) -> Set<String> {
        try await self.attempt { () async throws(ChatError) in try await base.validSessions(ids) }
    }

    // MARK: TokenStore

    public func addToken(_ token: APIToken) async throws(ChatError) {
        try await self.attempt { () async throws(ChatError) in try await base.addToken(token) }
    }

    public func token(withHash tokenHash: String) async throws(ChatError) -> VerifiedToken? {
        try await self.attempt { () async throws(ChatError) in try await base.token(withHash: tokenHash) }
    }

    public func tokens(of userID: String) async throws(ChatError) -> [APIToken] {
        try await self.attempt { () async throws(ChatError) in try await base.tokens(of: userID) }
    }

    public func markTokenUsed(_ id: String, at time: Date) async throws(ChatError) {
        try await self.attempt { () async throws(ChatError) in try await base.markTokenUsed(id, at: time) }
    }

    public func deleteToken(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try await self.attempt { () async throws(ChatError) in try await base.deleteToken(id, of: userID) }
    }

    public func validTokens(_ ids: [String]) async throws(ChatError) -> Set<String> {
        try await self.attempt { () async throws(ChatError) in try await base.validTokens(ids) }
    }

    // MARK: SignInStore

    public func addSignInAttempt(_ attempt: SignInAttempt) async throws(ChatError) {
        try await self.attempt { () async throws(ChatError) in try await base.addSignInAttempt(attempt) }
    }

    public func takeSignInAttempt(withHash stateHash: String) async throws(ChatError) -> SignInAttempt? {
        try await self.attempt { () async throws(ChatError) in try await base.takeSignInAttempt(withHash: stateHash) }
    }

    public func addDeviceLogin(_ login: DeviceLogin) async throws(ChatError) -> Bool {
        try await self.attempt { () async throws(ChatError) in try await base.addDeviceLogin(login) }
    }

    public func deviceLogin(withUserCodeHash userCodeHash: String) async throws(ChatError) -> DeviceLogin? {
        try await self.attempt { () async throws(ChatError) in
            try await base.deviceLogin(withUserCodeHash: userCodeHash)
        }
    }

    public func decideDeviceLogin(
        withUserCodeHash userCodeHash: String, for userID: String?
    ) async throws(ChatError) -> Bool {
        try await self.attempt { () async throws(ChatError) in
            try await base.decideDeviceLogin(withUserCodeHash: userCodeHash, for: userID)
        }
    }

    public func takeDeviceLogin(withHash deviceHash: String) async throws(ChatError) -> DeviceLogin? {
        try await self.attempt { () async throws(ChatError) in try await base.takeDeviceLogin(withHash: deviceHash) }
    }

    public func deleteExpiredSignIns() async throws(ChatError) -> [String] {
        try await self.attempt { () async throws(ChatError) in try await base.deleteExpiredSignIns() }
    }

    // MARK: AuditStore

    public func recordAudit(_ entry: AuditEntry) async throws(ChatError) {
        try await self.attempt { () async throws(ChatError) in try await base.recordAudit(entry) }
    }

    public func auditEntries(
        of userID: String, before id: String?, limit: Int
    ) async throws(ChatError) -> [AuditEntry] {
        try await self.attempt { () async throws(ChatError) in
            try await base.auditEntries(of: userID, before: id, limit: limit)
        }
    }

    // MARK: ShareStore

    public func saveShare(_ share: SharedConversation) async throws(ChatError) -> Bool {
        try await self.attempt { () async throws(ChatError) in try await base.saveShare(share) }
    }

    public func share(withHash tokenHash: String) async throws(ChatError) -> SharedConversation? {
        try await self.attempt { () async throws(ChatError) in try await base.share(withHash: tokenHash) }
    }

    public func deleteShare(ofConversation id: String, of userID: String) async throws(ChatError) -> Bool {
        try await self.attempt { () async throws(ChatError) in
            try await base.deleteShare(ofConversation: id, of: userID)
        }
    }

    public func sharedConversations(among ids: [String], of userID: String) async throws(ChatError) -> Set<String> {
        try await self.attempt { () async throws(ChatError) in
            try await base.sharedConversations(among: ids, of: userID)
        }
    }
}

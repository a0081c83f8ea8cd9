#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension InMemoryStore {
    // MARK: Sign-ins under way

    public func addSignInAttempt(_ attempt: SignInAttempt) async throws(ChatError) {
        try transaction { state throws(ChatError) in
            guard state.accounts.attempts[attempt.stateHash] == nil else { throw StoreError.taken("sign-in") }
            state.accounts.attempts[attempt.stateHash] = attempt.stored
        }
    }

    public func takeSignInAttempt(withHash stateHash: String) async throws(ChatError) -> SignInAttempt? {
        let now = self.now
        return try transaction { state throws(ChatError) in
            guard let attempt = state.accounts.attempts.removeValue(forKey: stateHash), attempt.expiresAt > now else {
                return nil
            }
            return attempt
        }
    }

    public func addDeviceLogin(_ login: DeviceLogin) async throws(ChatError) -> Bool {
        try transaction { state throws(ChatError) in
            let isTaken = state.accounts.deviceLogins.values.contains { $0.userCodeHash == login.userCodeHash }
            guard !isTaken, state.accounts.deviceLogins[login.deviceHash] == nil else { return false }
            state.accounts.deviceLogins[login.deviceHash] = login.stored
            return true
        }
    }

    public func deviceLogin(withUserCodeHash userCodeHash: String) async throws(ChatError) -> DeviceLogin? {
        let now = self.now
        return try transaction { state throws(ChatError) in state.accounts.waiting(userCodeHash, at: now) }
    }

    public func decideDeviceLogin(
        withUserCodeHash userCodeHash: String, for userID: String?
    ) async throws(ChatError) -> Bool {
        let now = self.now
        return try transaction { state throws(ChatError) in
            guard var login = state.accounts.waiting(userCodeHash, at: now) else { return false }
            login.userID = userID
            state.accounts.deviceLogins[login.deviceHash] = userID == nil ? nil : login
            return true
        }
    }

    public func takeDeviceLogin(withHash deviceHash: String) async throws(ChatError) -> DeviceLogin? {
        let now = self.now
        return try transaction { state throws(ChatError) in
            guard let login = state.accounts.deviceLogins[deviceHash], login.expiresAt > now else { return nil }
            if login.userID != nil { state.accounts.deviceLogins[deviceHash] = nil }
            return login
        }
    }

    public func deleteExpiredSignIns() async throws(ChatError) -> [String] {
        let now = self.now
        return try transaction { state throws(ChatError) in
            state.quotas.forgetOld("former:", at: now)
            state.accounts.attempts = state.accounts.attempts.filter { $0.value.expiresAt > now }
            state.accounts.deviceLogins = state.accounts.deviceLogins.filter { $0.value.expiresAt > now }
            state.accounts.sessions = state.accounts.sessions.filter { !$0.value.hasExpired(at: now) }
            let withSession = Set(state.accounts.sessions.values.map(\.userID))
            let abandoned = state.accounts.users.values.filter { user in
                user.kind == .guest && user.createdAt <= now - 3600 && !withSession.contains(user.id)
            }
            return Array(abandoned.map(\.id).sorted().prefix(100))
        }
    }

    // MARK: Audit

    public func recordAudit(_ entry: AuditEntry) async throws(ChatError) {
        try transaction { state throws(ChatError) in
            state.accounts.audit[entry.userID, default: []].append(entry.stored(for: entry.userID))
        }
    }

    public func auditEntries(
        of userID: String, before id: String?, limit: Int
    ) async throws(ChatError) -> [AuditEntry] {
        try PageCursor.check(limit: limit)
        return try transaction { state throws(ChatError) in
            let entries = state.accounts.audit[userID, default: []].filter { entry in id.map { entry.id < $0 } ?? true }
            return Array(entries.sorted { $0.id > $1.id }.prefix(limit))
        }
    }

    // MARK: Shares

    public func saveShare(_ share: SharedConversation) async throws(ChatError) -> Bool {
        try transaction { state throws(ChatError) in
            guard state.conversation(share.conversationID, of: share.userID) != nil else { return false }
            state.accounts.shares[share.conversationID] = share.stored(for: share.userID)
            return true
        }
    }

    public func share(withHash tokenHash: String) async throws(ChatError) -> SharedConversation? {
        try transaction { state throws(ChatError) in
            state.accounts.shares.values.first { $0.tokenHash == tokenHash }
        }
    }

    public func deleteShare(ofConversation id: String, of userID: String) async throws(ChatError) -> Bool {
        try transaction { state throws(ChatError) in
            guard state.accounts.shares[id]?.userID == userID else { return false }
            state.accounts.shares[id] = nil
            return true
        }
    }

    public func sharedConversations(
        among ids: [String], of userID: String
    ) async throws(ChatError) -> Set<String> {
        try transaction { state throws(ChatError) in
            Set(ids.filter { state.accounts.shares[$0]?.userID == userID })
        }
    }
}

extension InMemoryAccounts {
    /// The program that waits with that code.
    fileprivate func waiting(_ userCodeHash: String, at now: Date) -> DeviceLogin? {
        deviceLogins.values.first { $0.userCodeHash == userCodeHash && $0.userID == nil && $0.expiresAt > now }
    }
}

extension SignInAttempt {
    fileprivate var stored: SignInAttempt {
        SignInAttempt(
            stateHash: stateHash, browserHash: browserHash, provider: provider, verifier: verifier, nonce: nonce,
            returnPath: returnPath, expiresAt: expiresAt.asStored)
    }
}

extension DeviceLogin {
    fileprivate var stored: DeviceLogin {
        DeviceLogin(
            deviceHash: deviceHash, userCodeHash: userCodeHash, clientName: clientName.asStored, scopes: scopes,
            createdAt: createdAt.asStored, expiresAt: expiresAt.asStored, userID: userID)
    }
}

extension AuditEntry {
    func stored(for userID: String) -> AuditEntry {
        AuditEntry(
            id: id, userID: userID, action: action, detail: detail.mapValues(\.asStored), address: address,
            createdAt: createdAt.asStored)
    }
}

extension SharedConversation {
    func stored(for userID: String) -> SharedConversation {
        SharedConversation(
            tokenHash: tokenHash, conversationID: conversationID, userID: userID, snapshot: snapshot,
            createdAt: createdAt.asStored)
    }
}

import Logging
import Synchronization

extension ChatService {
    private static let accountsChannel = "accounts"

    /// Tells all nodes that something lets nobody in any more.
    package func announce(_ revocation: Revocation) {
        pubSub.publish([revocation.frame], to: Self.accountsChannel)
    }

    /// Hears what any node announces, as long as the subscription is held.
    package func onRevocation(_ receive: @escaping @Sendable (Revocation) -> Void) -> Subscription {
        pubSub.subscribe(to: Self.accountsChannel) { frames in
            for revocation in frames.compactMap(Revocation.init) { receive(revocation) }
        }
    }

    /// Gives everything a guest has to a user, and ends the guest.
    ///
    /// Keys are opened and sealed anew, because they are bound to their owner. A key that does not open is lost: it could not
    /// have been used before either.
    ///
    /// - Returns: false when there is no such guest.
    package func mergeGuest(_ guestID: String, into userID: String) async throws(ChatError) -> Bool {
        var keys: [StoredKey] = []
        if let vault {
            for key in try await store.keys(of: guestID) {
                let old = Self.context(ofKeyFor: key.provider, of: guestID, baseURL: key.baseURL)
                let new = Self.context(ofKeyFor: key.provider, of: userID, baseURL: key.baseURL)
                guard let secret = try? vault.open(key.box, context: old) else { continue }
                var moved = key
                moved.userID = userID
                moved.box = try vault.seal(secret, context: new)
                moved.fingerprint = vault.fingerprint(of: secret, userID: userID)
                moved.isDefault = false
                keys.append(moved)
            }
        }
        guard try await store.mergeGuest(guestID, into: userID, keys: keys) else { return false }
        announce(.user(guestID))
        return true
    }

    /// Deletes a user and everything that is theirs, attachments' bytes included. What is being written stops, what they
    /// are signed in with ends.
    ///
    /// - Returns: false when there is no such user.
    package func deleteUser(_ id: String) async throws(ChatError) -> Bool {
        guard let deleted = try await store.deleteUser(id) else { return false }
        announce(.user(id))
        for runID in deleted.runIDs { live.withLock { $0.runs[runID] }?.stop(.deleted) }
        await deleteBytes(of: deleted.attachmentIDs)
        return true
    }

    /// Deletes what expired, and guests nobody can come back as.
    package func sweepAccounts() async throws(ChatError) {
        for guest in try await store.deleteExpiredSignIns() { _ = try await deleteUser(guest) }
    }
}

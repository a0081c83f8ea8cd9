/// Who uses a server.
///
/// A user without accounts, such as the one of a local server, has no row here and everything else works.
public protocol UserStore: Sendable {
    /// Adds a user without identities, such as a guest.
    func addUser(_ user: UserAccount) async throws(ChatError)

    /// One user, or nil.
    func user(_ id: String) async throws(ChatError) -> UserAccount?

    /// Finds the user an identity belongs to and gives them the kind, name, e-mail and avatar of `user`; adds `user` with
    /// that identity when it belongs to nobody. Two at once make one user.
    ///
    /// A new user has taken of quotas what a deleted one of the same identity had, as far as it still counts.
    ///
    /// - Returns: the user as stored. Its id and creation time are `user`'s only when it is new.
    func signIn(_ identity: Identity, as user: UserAccount) async throws(ChatError) -> UserAccount

    /// Who a user is elsewhere, by issuer and subject.
    func identities(of userID: String) async throws(ChatError) -> [Identity]

    /// Gives everything a guest has to a user and deletes the guest with their sessions and tokens, in one transaction.
    ///
    /// Conversations, messages (active runs go on), attachments, usage, documents, shares and audit entries move. Where the
    /// user has a document of the same name or a key for the same provider, the user's stays. Messages lose their request
    /// ids, which the user may have given out too.
    ///
    /// - Parameter keys: the guest's keys, sealed for `userID`: a key that is only moved would not open any more. Keys of
    ///   the guest that are not among them are deleted.
    /// - Returns: false, and nothing changed, when `guestID` is no guest or `userID` no user.
    func mergeGuest(_ guestID: String, into userID: String, keys: [StoredKey]) async throws(ChatError) -> Bool

    /// Deletes a user and everything that is theirs, whatever the aspect; nil when there is no such user.
    ///
    /// What they have taken of quotas is kept under ``Identity/formerScope`` until the day or month ends, so that who comes
    /// back does not begin anew. A user without identity leaves nothing.
    func deleteUser(_ id: String) async throws(ChatError) -> DeletedUser?
}

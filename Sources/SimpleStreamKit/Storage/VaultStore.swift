/// What the vault's owner needs of the store: everybody's sealed keys, and the canary that tells whether a ring is right.
public protocol VaultStore: Sendable {
    /// Sealed keys of all users, ordered by user and provider, at most `limit`.
    ///
    /// - Parameter last: the last key of the page before; nil begins.
    func sealedKeys(after last: StoredKey?, limit: Int) async throws(ChatError) -> [StoredKey]

    /// Puts another box (and fingerprint) in the place of a key's, if the key still has the box it had.
    ///
    /// - Returns: false when the key was changed or deleted meanwhile.
    func resealKey(_ key: StoredKey, as box: SealedBox, fingerprint: String?) async throws(ChatError) -> Bool

    /// The canary; when there is none, `box` becomes it. One step: of many that ask, one decides.
    ///
    /// - Returns: nil only when there is none and `box` is nil.
    func canary(orSave box: SealedBox?) async throws(ChatError) -> SealedBox?

    /// Puts another canary in the place of the one that is there; false when that is not `old` any more.
    func replaceCanary(_ old: SealedBox, with box: SealedBox) async throws(ChatError) -> Bool
}

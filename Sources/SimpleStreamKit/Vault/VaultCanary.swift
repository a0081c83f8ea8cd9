/// A known secret that is sealed once, so that a wrong keyring is found at the start and not by the first user.
public enum VaultCanary {
    /// The ring does not open what was sealed here.
    public struct WrongKeyring: Error, CustomStringConvertible {
        /// The id of the key that would open it.
        public let keyID: String

        public var description: String {
            "It does not open what was encrypted here before, with the key \(keyID.debugDescription)."
        }
    }

    static let context = ["canary"]
    static let secret = Secret("simple-stream canary")

    /// Makes sure that a vault opens what this store's keys were sealed with. The first vault that asks decides.
    ///
    /// - Throws: ``WrongKeyring``, or what the store throws.
    public static func check(_ vault: any KeyVault, in store: any VaultStore) async throws {
        var box = try await store.canary(orSave: nil)
        if box == nil {
            // Keys that are older than the canary speak for themselves; one of them may be damaged.
            let keys = try await store.sealedKeys(after: nil, limit: 20)
            let isRight = keys.contains { key in (try? vault.open(key.box, context: key.context)) != nil }
            if let first = keys.first, !isRight { throw WrongKeyring(keyID: first.box.keyID) }
            box = try await store.canary(orSave: try vault.seal(secret, context: context))
        }
        guard let box, opens(vault, box) else { throw WrongKeyring(keyID: box?.keyID ?? "") }
    }

    /// Seals the canary as the vault seals now; false when another did so meanwhile.
    static func reseal(_ vault: any KeyVault, in store: any VaultStore) async throws(ChatError) -> Bool {
        guard let box = try await store.canary(orSave: nil), !vault.isCurrent(box) else { return true }
        return try await store.replaceCanary(box, with: try vault.seal(secret, context: context))
    }

    private static func opens(_ vault: any KeyVault, _ box: SealedBox) -> Bool {
        (try? vault.open(box, context: context)) == secret
    }
}

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Users' own provider keys, sealed. One per user and provider.
///
/// A user with keys has one default key: the first one saved, until another is made it.
public protocol KeyStore: Sendable {
    /// All keys of a user, by provider name.
    func keys(of userID: String) async throws(ChatError) -> [StoredKey]

    /// One key, or nil.
    func key(for provider: String, of userID: String) async throws(ChatError) -> StoredKey?

    /// Saves a key in place of the one before it.
    ///
    /// With ``StoredKey/isDefault`` it becomes the default in place of the one that was; without, it is the default
    /// only when there is no other one.
    func saveKey(_ key: StoredKey) async throws(ChatError)

    /// Deletes a key; false when there is none. When it was the default, the first of the others by name becomes it.
    func deleteKey(for provider: String, of userID: String) async throws(ChatError) -> Bool

    /// What keys were used for, newest first, at most `limit`; of one provider when that is given.
    ///
    /// Runs note it when they begin, in ``RunStart/keyUse``. It stays when the conversation is deleted.
    func keyUses(of userID: String, provider: String?, limit: Int) async throws(ChatError) -> [KeyUse]
}

/// A provider key as it is stored.
public struct StoredKey: Sendable, Hashable {
    public var userID: String
    public var provider: String
    public var label: String
    public var lastFour: String
    public var box: SealedBox
    /// The only place the key may be sent to; nil is the provider's own.
    public var baseURL: String?
    public var verdict: KeyVerdict
    public var checkedAt: Date
    public var createdAt: Date
    /// Equal for equal keys of one user, and of no use without the vault; nil for keys that were saved before there
    /// were fingerprints.
    public var fingerprint: String?
    /// Whether it is the user's default among the keys.
    public var isDefault: Bool

    public init(
        userID: String,
        provider: String,
        label: String,
        lastFour: String,
        box: SealedBox,
        baseURL: String?,
        verdict: KeyVerdict,
        checkedAt: Date,
        createdAt: Date,
        fingerprint: String? = nil,
        isDefault: Bool = false
    ) {
        self.userID = userID
        self.provider = provider
        self.label = label
        self.lastFour = lastFour
        self.box = box
        self.baseURL = baseURL
        self.verdict = verdict
        self.checkedAt = checkedAt
        self.createdAt = createdAt
        self.fingerprint = fingerprint
        self.isDefault = isDefault
    }
}

/// One use of a user's own key: who, when, for which run.
public struct KeyUse: Sendable, Hashable {
    public var userID: String
    public var provider: String
    /// The key's fingerprint at that time.
    public var fingerprint: String?
    /// The answer the key was used for.
    public var messageID: String
    public var usedAt: Date

    public init(userID: String, provider: String, fingerprint: String?, messageID: String, usedAt: Date) {
        self.userID = userID
        self.provider = provider
        self.fingerprint = fingerprint
        self.messageID = messageID
        self.usedAt = usedAt
    }
}

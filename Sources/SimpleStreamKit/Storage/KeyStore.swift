#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Users' own provider keys, sealed. One per user and provider.
public protocol KeyStore: Sendable {
    /// All keys of a user, by provider name.
    func keys(of userID: String) async throws(ChatError) -> [StoredKey]

    /// One key, or nil.
    func key(for provider: String, of userID: String) async throws(ChatError) -> StoredKey?

    /// Saves a key in place of the one before it.
    func saveKey(_ key: StoredKey) async throws(ChatError)

    /// Deletes a key; false when there is none.
    func deleteKey(for provider: String, of userID: String) async throws(ChatError) -> Bool
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

    public init(
        userID: String,
        provider: String,
        label: String,
        lastFour: String,
        box: SealedBox,
        baseURL: String?,
        verdict: KeyVerdict,
        checkedAt: Date,
        createdAt: Date
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
    }
}

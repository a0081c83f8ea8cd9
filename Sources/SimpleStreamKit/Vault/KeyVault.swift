/// Seals secrets so that storage never sees them.
///
/// - What was sealed with one context does not open with another.
/// - A changed, cut or moved box does not open: `internal`, never a wrong secret.
public protocol KeyVault: Sendable {
    /// Encrypts `secret`, bound to `context`.
    func seal(_ secret: Secret, context: [String]) throws(ChatError) -> SealedBox

    /// Decrypts `box`.
    func open(_ box: SealedBox, context: [String]) throws(ChatError) -> Secret

    /// A text that is equal for equal secrets of one user and tells nothing else to who has not the vault's key; nil when
    /// the vault makes none. It changes when ``isCurrent(_:)`` does.
    func fingerprint(of secret: Secret, userID: String) -> String?

    /// Whether a box is sealed as this vault seals now. Others open, but should be sealed again.
    func isCurrent(_ box: SealedBox) -> Bool
}

extension KeyVault {
    public func fingerprint(of secret: Secret, userID: String) -> String? { nil }
    public func isCurrent(_ box: SealedBox) -> Bool { true }
}

/// An encrypted secret as it is stored.
public struct SealedBox: Sendable, Hashable {
    /// Which key of the ring sealed it.
    public var keyID: String
    /// 12 random bytes.
    public var nonce: [UInt8]
    public var ciphertext: [UInt8]
    /// 16 bytes.
    public var tag: [UInt8]

    public init(keyID: String, nonce: [UInt8], ciphertext: [UInt8], tag: [UInt8]) {
        self.keyID = keyID
        self.nonce = nonce
        self.ciphertext = ciphertext
        self.tag = tag
    }
}

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A sign-in that left for a provider's page and has not come back.
public struct SignInAttempt: Sendable, Hashable {
    /// Of the `state` the provider gives back.
    public let stateHash: String
    /// Of the cookie of the browser that began it.
    public let browserHash: String
    /// Where it went, such as `github`.
    public let provider: String
    /// PKCE's secret half. Worth nothing without the provider's code.
    public let verifier: String
    /// What an id token must repeat.
    public let nonce: String
    /// Where on this server the user wanted to be.
    public let returnPath: String
    public let expiresAt: Date

    public init(
        stateHash: String, browserHash: String, provider: String, verifier: String, nonce: String, returnPath: String,
        expiresAt: Date
    ) {
        self.stateHash = stateHash
        self.browserHash = browserHash
        self.provider = provider
        self.verifier = verifier
        self.nonce = nonce
        self.returnPath = returnPath
        self.expiresAt = expiresAt
    }
}

/// A program that waits for its user to let it in.
public struct DeviceLogin: Sendable, Hashable {
    /// Of the long code the program asks with.
    public let deviceHash: String
    /// Of the short code the user types.
    public let userCodeHash: String
    /// What the program calls itself.
    public let clientName: String
    public let scopes: Set<AccessScope>
    public let createdAt: Date
    public let expiresAt: Date
    /// Who let it in; nil while nobody has.
    public var userID: String?

    public init(
        deviceHash: String, userCodeHash: String, clientName: String, scopes: Set<AccessScope>, createdAt: Date,
        expiresAt: Date, userID: String? = nil
    ) {
        self.deviceHash = deviceHash
        self.userCodeHash = userCodeHash
        self.clientName = clientName
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.userID = userID
    }
}

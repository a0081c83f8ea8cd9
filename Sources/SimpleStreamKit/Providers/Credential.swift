/// The key a request is made with and the only place it may be sent to.
public struct Credential: Sendable {
    /// Nil where the provider needs none.
    public var key: Secret?
    /// Replaces the provider's own base URL; nil keeps it.
    public var baseURL: String?
    /// Whether a user gave it, so that only public addresses may be dialled.
    public var isUserOwned: Bool

    public init(key: Secret? = nil, baseURL: String? = nil, isUserOwned: Bool = false) {
        self.key = key
        self.baseURL = baseURL
        self.isUserOwned = isUserOwned
    }

    /// No key at all.
    public static let none = Credential()
}

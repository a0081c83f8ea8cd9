/// Who asks, besides the user's id: what limits go by.
public struct RequestSource: Sendable, Hashable {
    /// Whether the user has not signed in.
    public var isGuest: Bool
    /// The client's address as limits count it; nil when it is not known. See ``init(isGuest:address:location:)``.
    public var address: String?
    /// Where the client is, as far as a trusted proxy says.
    public var location: ApproximateLocation?

    /// - Parameter address: an IPv4 address, or the first four groups of an IPv6 one: who has one such address usually has
    ///   the whole block.
    public init(isGuest: Bool = false, address: String? = nil, location: ApproximateLocation? = nil) {
        self.isGuest = isGuest
        self.address = address
        self.location = location
    }
}

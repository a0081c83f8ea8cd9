import SimpleStreamKit

/// Where a request comes from, as far as we can know.
struct Client: Sendable, Hashable {
    /// As limits and the audit log name it; empty when the connection has no address, such as in tests.
    var address: String
    /// Whether the client speaks TLS, to us or to a proxy of ours.
    var isSecure: Bool
    /// The host the client asked a proxy of ours for; nil when there is none, or it said nothing.
    var forwardedHost: String?
    /// Where a proxy of ours places the client.
    var location: ApproximateLocation?
    /// What the client calls itself, behind a proxy of ours.
    var userAgent: String?
}

import HTTPTypes

/// Tells who a request is from, by its credential alone. The only place that does, for every way in.
struct Authenticator: Sendable {
    let access: ServerConfiguration.Access

    /// The one user of a server without accounts.
    static let localUserID = "local"

    /// The user; nil for nobody.
    func authenticate(_ head: HTTPRequest) async -> User? {
        // Who gets here has passed the rules for Host and Origin, and the server listens on loopback only.
        User(id: Self.localUserID, credential: .none)
    }
}

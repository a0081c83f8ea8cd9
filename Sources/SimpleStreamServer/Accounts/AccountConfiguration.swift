public import SimpleStreamKit

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Who may have an account and how they prove it.
public struct AccountConfiguration: Sendable {
    /// An application registered with GitHub.
    public struct GitHub: Sendable {
        public var clientID: String
        public var clientSecret: Secret
        /// Where users sign in. Default `https://github.com`.
        public var baseURL: String
        /// Where the API is. Default `https://api.github.com`, or `/api/v3` of another base URL.
        public var apiURL: String

        /// Makes a registration.
        public init(
            clientID: String, clientSecret: Secret, baseURL: String = "https://github.com", apiURL: String? = nil
        ) {
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.baseURL = baseURL
            self.apiURL =
                apiURL ?? (baseURL == "https://github.com" ? "https://api.github.com" : baseURL + "/api/v3")
        }
    }

    /// A client registered with an OpenID Connect issuer.
    public struct OpenID: Sendable {
        /// Where its discovery document is, without `/.well-known/…`.
        public var issuer: String
        public var clientID: String
        public var clientSecret: Secret
        /// What the button says. Default the issuer's host.
        public var name: String

        /// Makes a registration.
        public init(issuer: String, clientID: String, clientSecret: Secret, name: String? = nil) {
            self.issuer = issuer
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.name = name ?? WebOrigin(issuer)?.host ?? issuer
        }
    }

    public var gitHub: GitHub?
    public var openID: OpenID?
    /// Whether people may try the server without signing in. Default true.
    public var allowsGuests: Bool
    /// Who sees how the server does. Default nobody.
    public var administrators: Set<Identity>
    /// How long a session lives without a visit. Default 30 days.
    public var sessionTime: Duration = .days(30)
    /// How long a session lives at most. Default 90 days.
    public var sessionLimit: Duration = .days(90)
    /// How long a guest's session lives at most. Default 30 days.
    public var guestLimit: Duration = .days(30)
    /// How long ago a sign-in may be for what cannot be undone. Default 15 minutes.
    public var recentSignIn: Duration = .seconds(900)
    /// How many guests an address may become in an hour. Default 20.
    public var guestsPerAddress = 20

    /// How many sign-ins an address may begin in an hour. Default 300.
    public var signInsPerAddress = 300
    /// How often open sockets are checked for sessions and tokens that have ended. Default 1 s.
    package var checkInterval: Duration = .seconds(1)
    /// The clock sessions go by.
    package var now: @Sendable () -> Date = { Date() }

    /// Makes a configuration.
    public init(
        gitHub: GitHub? = nil, openID: OpenID? = nil, allowsGuests: Bool = true, administrators: Set<Identity> = []
    ) {
        self.gitHub = gitHub
        self.openID = openID
        self.allowsGuests = allowsGuests
        self.administrators = administrators
    }
}

extension AccountConfiguration {
    /// Whether somebody who vouches for users may be asked there: over https, or on this machine.
    package static func isUsable(issuer url: String) -> Bool {
        !url.contains("?") && OutgoingURL(url) != nil
    }
}

extension Duration {
    static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}

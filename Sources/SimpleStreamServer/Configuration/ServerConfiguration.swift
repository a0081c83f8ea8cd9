import HTTPTypes
import NIOCore

/// How a server is reached and what it lets clients do.
public struct ServerConfiguration: Sendable {
    /// Who may use the server.
    public struct Access: Sendable {
        /// Nil for a server with one user.
        let accounts: AccountConfiguration?

        /// Everybody who reaches the server over loopback is the one user.
        public static let local = Access(accounts: nil)

        /// Users sign in.
        public static func accounts(_ configuration: AccountConfiguration) -> Access {
            Access(accounts: configuration)
        }
    }

    /// A configuration that cannot be used.
    public struct Problem: Error, Hashable, CustomStringConvertible {
        /// The property's name.
        public let property: String
        /// What is wrong with it.
        public let problem: String
        /// What would be taken.
        public let accepted: String

        public var description: String { "\(property): \(problem); accepted: \(accepted)." }
    }

    /// The address to listen on. Default 127.0.0.1.
    public let host: String
    /// The port to listen on; 0 takes a free one. Default 4000.
    public let port: Int
    public let access: Access
    /// Where users reach the server when that is another address, such as a proxy's. Default nil.
    public let publicURL: String?
    /// Origins whose pages may use the server besides its own. Default none.
    public let allowedOrigins: [String]
    /// How long running answers may go on after the server was told to stop. Default 30 s.
    public let drainTime: Duration

    /// How often an open socket is greeted; silent for two of these it is closed. Default 25 s.
    public var heartbeat: Duration = .seconds(25)
    /// The longest WebSocket message in bytes. Default 1 MiB.
    public var messageBytes = 1 << 20
    /// What each user and address may ask for. Default ``ClientLimits/local`` or ``ClientLimits/accounts``.
    public var clients: ClientLimits
    /// What a connection may ask for.
    package var http = HTTPLimits()
    /// The certificate the server shows; nil speaks plain HTTP. Default nil.
    public var tls: TLSFiles?
    /// The longest attachment in bytes. Default 20 MiB.
    public var attachmentBytes = 20 << 20
    /// How often what has expired is deleted: sign-ins, guests, files that were not sent. Default 10 min.
    package var sweepInterval: Duration = .seconds(600)
    /// How often an event stream with nothing to say says so. Default 15 s.
    public var keepAlive: Duration = .seconds(15)

    /// Whose `X-Forwarded-…` fields are believed: addresses or blocks such as `10.0.0.0/8`. Default nobody's.
    public let trustedProxies: [String]

    let proxies: TrustedProxies
    let publicOrigin: WebOrigin?
    let origins: [WebOrigin]

    /// Makes a configuration.
    ///
    /// - Throws: ``Problem`` for values that cannot be used, alone or together.
    public init(
        host: String = "127.0.0.1",
        port: Int = 4000,
        access: Access = .local,
        publicURL: String? = nil,
        allowedOrigins: [String] = [],
        drainTime: Duration = .seconds(30),
        trustedProxies: [String] = []
    ) throws(Problem) {
        guard let address = Authority(host.contains(":") ? "[\(host)]" : host), address.port == nil else {
            throw Problem(
                property: "host", problem: "\"\(host)\" is no address", accepted: "127.0.0.1, ::1 or localhost")
        }
        guard access.accounts != nil || address.isLoopback else {
            throw Problem(
                property: "host",
                problem: "\"\(host)\" would let others in, and there are no accounts to tell users apart",
                accepted: "127.0.0.1, ::1 or localhost")
        }
        try Self.check(access, isLoopback: address.isLoopback, publicURL: publicURL)
        guard 0...65535 ~= port else {
            throw Problem(property: "port", problem: "\(port) is no port", accepted: "0 to 65535")
        }
        guard drainTime >= .zero else {
            throw Problem(property: "drainTime", problem: "it is negative", accepted: "0 s or more")
        }
        publicOrigin = try publicURL.map { (url) throws(Problem) in try Self.origin(of: url, property: "publicURL") }
        origins = try allowedOrigins.map { (origin) throws(Problem) in
            try Self.origin(of: origin, property: "allowedOrigins")
        }
        guard let proxies = TrustedProxies(trustedProxies) else {
            throw Problem(
                property: "trustedProxies", problem: "one of them is no address", accepted: "10.0.0.0/8, ::1")
        }
        self.proxies = proxies
        self.trustedProxies = trustedProxies
        clients = access.accounts == nil ? .local : .accounts
        self.host = host
        self.port = port
        self.access = access
        self.publicURL = publicURL
        self.allowedOrigins = allowedOrigins
        self.drainTime = drainTime
    }

    /// Refuses what nobody could use.
    private static func check(_ access: Access, isLoopback: Bool, publicURL: String?) throws(Problem) {
        guard let accounts = access.accounts else { return }
        let hasProvider = accounts.gitHub != nil || accounts.openID != nil
        guard hasProvider || accounts.allowsGuests else {
            throw Problem(
                property: "access", problem: "nobody could sign in",
                accepted: "GitHub, an OpenID Connect issuer, or guests")
        }
        guard publicURL != nil || !hasProvider && isLoopback else {
            throw Problem(
                property: "publicURL",
                problem: hasProvider
                    ? "it is missing, and whoever signs users in sends them back there"
                    : "it is missing, and no other host's name is answered",
                accepted: "https://chat.example.com")
        }
    }

    private static func origin(of url: String, property: String) throws(Problem) -> WebOrigin {
        var text = url[...]
        if text.hasSuffix("/") { text = text.dropLast() }
        guard let origin = WebOrigin(text) else {
            // What stands before an @ may be a password.
            let problem = url.contains("@") ? "it is no origin" : "\"\(url)\" is no origin"
            throw Problem(property: property, problem: problem, accepted: "https://chat.example.com")
        }
        return origin
    }

    /// Whether users come over https.
    var isSecure: Bool { publicOrigin?.scheme == "https" }

    /// The origins whose pages are ours.
    var originPolicy: OriginPolicy { OriginPolicy(allowed: origins + [publicOrigin].compactMap(\.self)) }

    /// The hosts that are ours.
    var hostPolicy: HostPolicy { HostPolicy(allowed: [publicOrigin?.authority].compactMap(\.self)) }

    /// What one socket may send.
    var webSocketLimits: WebSocketLimits {
        let rate = clients.bytesPerSecond
        let burst = rate.multipliedReportingOverflow(by: 4)
        return WebSocketLimits(
            messageBytes: messageBytes, bytesPerSecond: rate,
            burstBytes: max(burst.overflow ? .max : burst.partialValue, messageBytes))
    }

    /// Where to find the server that listens on `port`.
    public func url(port: Int) -> String {
        "\(tls == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// Whether browsers are to be told to come by TLS only.
    var isPublicSecure: Bool { publicOrigin?.scheme == "https" }

    /// Who stands behind a request that came over a connection from `peer`.
    func client(of request: HTTPRequest, from peer: SocketAddress?) -> Client {
        proxies.client(of: request, from: peer, isSecure: tls != nil)
    }
}

extension WebOrigin {
    /// Host and port as a `Host` field has them.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

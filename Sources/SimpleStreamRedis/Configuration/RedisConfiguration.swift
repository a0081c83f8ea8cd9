public import SimpleStreamKit

/// Where Redis is and how it is used.
public struct RedisConfiguration: Sendable {
    /// A host and a port.
    public struct Address: Hashable, Sendable {
        public var host: String
        public var port: Int

        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    /// How a server is found.
    public enum Place: Hashable, Sendable {
        /// One server, or any node of a cluster.
        case server(Address)
        /// The path of a Unix socket.
        case unixSocket(String)
        /// Whichever server these sentinels call the master of that name.
        case sentinels([Address], master: String)
    }

    /// A setting that cannot be used.
    public struct Problem: Error, Hashable, Sendable {
        /// The name of the parameter.
        public var property: String
        /// What is wrong with it. Never holds the URL.
        public var problem: String
        /// What would be taken.
        public var accepted: String
    }

    public var place: Place
    /// Nil signs in as Redis' default user.
    public var username: String?
    public var password: Secret?
    /// The number of the database. Default 0.
    public var database = 0
    /// Nil sends everything unencrypted.
    public var tls: RedisTLS?
    /// What the names of all keys and channels begin with. Default `ss:`.
    public var prefix = "ss:"
    /// How long a connection may take to be ready, TLS and sign-in included. Default 1 s.
    public var connectTimeout = Duration.seconds(1)
    /// How long an answer may take. Default 2 s.
    public var commandTimeout = Duration.seconds(2)
    /// How long a run waits for its text to be logged; then Redis counts as lost until it answers again. Default 500 ms.
    public var appendTimeout = Duration.milliseconds(500)
    /// How often a quiet connection is asked whether it lives. Default 2 s.
    public var pingInterval = Duration.seconds(2)
    /// The longest pause between two tries to connect. Default 1 s.
    public var maxBackoff = Duration.seconds(1)
    /// How much may wait to be sent, in bytes. Default 32 MiB.
    public var maxWaitingBytes = 32 << 20
    /// How many requests may wait. Default 10,000.
    public var maxWaitingRequests = 10_000

    public init(_ place: Place) { self.place = place }
}

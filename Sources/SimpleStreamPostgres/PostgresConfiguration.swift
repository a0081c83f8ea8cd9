public import SimpleStreamKit

/// How a ``PostgresStore`` reaches its database.
///
/// The connection is what libpq makes of a URL or of its keywords, its TLS modes and certificates included. A server on
/// another machine must be verified: without `sslmode=verify-full` it is refused. Unix sockets and loopback are free.
///
/// Printing a configuration shows no password.
public struct PostgresConfiguration: Sendable {
    let parameters: ConnectionParameters

    /// How many connections are open at most, from 1 to 1000.
    ///
    /// Default 8. Each has a thread, which mostly sleeps.
    public var maximumConnections = 8 {
        didSet { maximumConnections = min(max(maximumConnections, 1), 1000) }
    }

    /// How long one attempt to connect may take in all: name, address, TLS, password.
    ///
    /// Default 5 s.
    public var connectTimeout = Duration.seconds(5)

    /// How long a call may wait for a connection.
    ///
    /// Default 5 s.
    public var acquireTimeout = Duration.seconds(5)

    /// How long a statement may take before it is stopped.
    ///
    /// Default 10 s.
    public var statementTimeout = Duration.seconds(10)

    /// Reads a URL.
    ///
    /// - Parameter url: `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=/path/ca.pem`, with
    ///   any of libpq's parameters. A socket's directory is a host with `%2F` for `/`.
    /// - Throws: `invalid_request` when it cannot be used. The message does not quote it.
    public init(url: String) throws(ChatError) { parameters = try ConnectionParameters(url: url) }

    /// Takes libpq's keywords, such as `host`, `port`, `dbname`, `user`, `password`, `sslmode`.
    ///
    /// - Throws: `invalid_request` when they cannot be used.
    public init(keywords: [String: String]) throws(ChatError) {
        parameters = try ConnectionParameters(keywords.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    /// What a URL has to be like, in half a sentence.
    public static let acceptedURLs = """
        postgres://user:password@host:port/database, with sslmode=verify-full (and sslrootcert=<file>) unless the host is \
        this machine
        """
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "PostgresConfiguration(\(maximumConnections) connections)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

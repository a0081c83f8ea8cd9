public import SimpleStreamKit

/// What clients may ask of a server, whoever they are. Nil is no limit.
public struct ClientLimits: Sendable, Hashable {
    /// How many connections an address may have open on one node, of every kind. Default 256; none.
    ///
    /// Counted is who connects; trusted proxies, who connect for many, are not.
    public var connectionsPerAddress: Int? = 256
    /// How many sockets and event streams a user may have open on one node. Default 8; 4096 for the one user of a server without accounts.
    public var socketsPerUser = 8
    /// How many of both an address may have open on one node, sockets without a user included. Default 64; 4096.
    public var socketsPerAddress = 64
    /// How many messages a second a socket may send for ever; twice as many at once. Default 20.
    public var messagesPerSecond = 20
    /// How many bytes a second a socket is read for ever; four times as many, and any one message, at once. Default 1 MiB.
    ///
    /// Who sends faster is read later, not refused.
    public var bytesPerSecond = 1 << 20
    /// How many malformed messages a minute a socket may send. Default 10.
    public var malformedPerMinute = 10
    /// How many conversations a socket may follow. Default 256.
    public var subscriptionsPerSocket = 256
    /// How many requests a user may make, over HTTP and on all sockets' requests for answers. Default 600 a minute; none.
    public var requestsPerUser: Rate? = .perMinute(600)
    /// How many requests and new sockets may come from an address. Default 1200 a minute; none.
    public var requestsPerAddress: Rate? = .perMinute(1200)
    /// How many answers a user may ask for. Default 60 a minute; none.
    public var answersPerUser: Rate? = .perMinute(60)
    /// How often a user may look at a saved key. Default 5 an hour.
    public var revealsPerUser: Rate = .perHour(5)

    public init() {}

    /// For many users.
    public static let accounts = ClientLimits()

    /// For the one user of this machine, who limits nobody but themselves.
    public static var local: ClientLimits {
        var limits = ClientLimits()
        limits.connectionsPerAddress = nil
        limits.socketsPerUser = 4096
        limits.socketsPerAddress = 4096
        limits.requestsPerUser = nil
        limits.requestsPerAddress = nil
        limits.answersPerUser = nil
        return limits
    }
}

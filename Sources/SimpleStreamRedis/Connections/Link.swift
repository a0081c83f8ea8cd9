import NIOCore

/// What a connection serves: it has the requests, and outlives the connection.
protocol Link: AnyObject, Sendable {
    /// Whether it gets messages of subscriptions.
    var isSubscriber: Bool { get }

    /// The requests to be written now. Called on the connection's event loop.
    ///
    /// - Parameter isIdle: whether no answer is awaited.
    func takeRequests(isIdle: Bool) -> [Request]

    /// Fails what waits for longer than it may; whether there was any.
    @discardableResult
    func expireRequests(at now: NIODeadline) -> Bool

    /// Takes a message of a subscription. Called on the connection's event loop.
    func received(_ message: [RedisValue])

    /// There is a connection.
    func connected(_ connection: RedisConnection)

    /// There is none.
    ///
    /// - Parameter isHopeful: whether one is being made, so that requests may wait.
    func disconnected(_ reason: RedisError, isHopeful: Bool)
}

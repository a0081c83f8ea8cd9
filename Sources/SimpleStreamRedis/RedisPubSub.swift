public import SimpleStreamKit

/// Pub/sub between nodes, on Redis' channels.
///
/// Subscribers of this process get frames at once and not by way of Redis. Those of other nodes lack what is published
/// while Redis is out of reach.
public final class RedisPubSub: PubSub {
    private let client: RedisClient
    private let local = InProcessPubSub()

    /// Makes one on a client whose ``RedisClient/run()`` somebody runs.
    public init(_ client: RedisClient) { self.client = client }

    private func name(_ channel: String) -> String { client.configuration.prefix + channel }

    public func publish(_ frames: [Frame], to channel: String) {
        guard !frames.isEmpty else { return }
        local.publish(frames, to: channel)
        guard let payload = FrameCoding.encode(frames, from: client.node) else { return }
        var command = RedisCommand("PUBLISH", name(channel))
        command.append(payload)
        client.post([command])
    }

    public func publish(
        _ frames: [Frame],
        to channel: String,
        loggedIn runLog: any RunLog,
        of messageID: String,
        whenLogged: (Result<Void, ChatError>) async throws -> Void
    ) async throws {
        guard let log = runLog as? RedisRunLog, log.client === client else {
            try await whenLogged(await runLog.result(of: frames, appendedTo: messageID))
            return publish(frames, to: channel)
        }
        let result = await log.result(of: frames, appendedTo: messageID, publishingTo: name(channel))
        try await whenLogged(result)
        if case .success = result {
            local.publish(frames, to: channel)
        } else {
            // A full Redis still carries messages; one that is lost drops them.
            publish(frames, to: channel)
        }
    }

    public func subscribe(to channel: String, _ receive: @escaping @Sendable ([Frame]) -> Void) -> Subscription {
        let here = local.subscribe(to: channel, receive)
        let name = name(channel)
        let subscriber = client.subscriber
        let id = subscriber.subscribe(to: name, receive)
        return Subscription {
            await subscriber.active(id, on: name)
        } onCancel: {
            here.cancel()
            subscriber.unsubscribe(id, from: name)
        }
    }
}

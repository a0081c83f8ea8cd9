/// Carries frames to whoever is subscribed to a channel at that moment.
///
/// - Frames of one publisher reach a subscriber in their order. Frames may be lost when nodes lose sight of each other;
///   holes are seen by sequence number and filled from the ``RunLog``.
/// - `receive` is called on the publisher's thread or the adapter's: it must be short and must not block.
/// - After a subscription is cancelled `receive` is not called again.
public protocol PubSub: Sendable {
    /// Hands frames over; never fails, never waits.
    func publish(_ frames: [Frame], to channel: String)

    /// Appends frames of a run to its log, then hands them over; where both are one place, in one trip.
    ///
    /// - Parameter whenLogged: called with what the log answered, before anyone here gets the frames. What it throws keeps
    ///   them from being handed over. Other nodes may have them already, unless the log refused them as `interrupted`.
    /// - Throws: what `whenLogged` does.
    func publish(
        _ frames: [Frame],
        to channel: String,
        loggedIn runLog: any RunLog,
        of messageID: String,
        whenLogged: (Result<Void, ChatError>) async throws -> Void
    ) async throws

    /// Subscribes until the subscription is cancelled or released.
    func subscribe(to channel: String, _ receive: @escaping @Sendable ([Frame]) -> Void) -> Subscription
}

extension PubSub {
    public func publish(
        _ frames: [Frame],
        to channel: String,
        loggedIn runLog: any RunLog,
        of messageID: String,
        whenLogged: (Result<Void, ChatError>) async throws -> Void
    ) async throws {
        try await whenLogged(await runLog.result(of: frames, appendedTo: messageID))
        publish(frames, to: channel)
    }
}

extension RunLog {
    /// ``append(_:to:)`` with its error as a value.
    package func result(of frames: [Frame], appendedTo messageID: String) async -> Result<Void, ChatError> {
        do throws(ChatError) {
            return .success(try await append(frames, to: messageID))
        } catch {
            return .failure(error)
        }
    }
}

/// A place in a channel. Ends when it is cancelled or nobody holds it.
public final class Subscription: Sendable {
    private let whenActive: @Sendable () async -> Void
    private let onCancel: @Sendable () -> Void

    /// - Parameter whenActive: what ``active()`` does; returns at once where subscribing takes no time.
    public init(whenActive: @escaping @Sendable () async -> Void = {}, onCancel: @escaping @Sendable () -> Void) {
        self.whenActive = whenActive
        self.onCancel = onCancel
    }

    /// Returns when what any node publishes from now on is received, or when that takes too long because nodes have lost
    /// sight of each other. Whoever reads the log after it misses nothing in between.
    public func active() async { await whenActive() }

    /// Ends it. Doing so twice is no error.
    public func cancel() { onCancel() }

    deinit { onCancel() }
}

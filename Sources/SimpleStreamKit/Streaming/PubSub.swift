/// Carries frames to whoever is subscribed to a channel at that moment.
///
/// - Frames of one publisher reach a subscriber in their order. Frames may be lost when nodes lose sight of each other;
///   holes are seen by sequence number and filled from the ``RunLog``.
/// - `receive` is called on the publisher's thread or the adapter's: it must be short and must not block.
/// - After a subscription is cancelled `receive` is not called again.
public protocol PubSub: Sendable {
    /// Hands frames over; never fails, never waits.
    func publish(_ frames: [Frame], to channel: String)

    /// Subscribes until the subscription is cancelled or released.
    func subscribe(to channel: String, _ receive: @escaping @Sendable ([Frame]) -> Void) -> Subscription
}

/// A place in a channel. Ends when it is cancelled or nobody holds it.
public final class Subscription: Sendable {
    private let onCancel: @Sendable () -> Void

    public init(onCancel: @escaping @Sendable () -> Void) { self.onCancel = onCancel }

    /// Ends it. Doing so twice is no error.
    public func cancel() { onCancel() }

    deinit { onCancel() }
}

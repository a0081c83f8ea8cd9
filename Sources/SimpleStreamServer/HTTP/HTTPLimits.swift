package import NIOCore

/// What one HTTP connection may ask of us.
package struct HTTPLimits: Sendable {
    /// The longest request head in bytes, request line included.
    package var headBytes = 32 * 1024
    /// The most header fields.
    package var headFields = 100
    /// The longest request target in bytes.
    package var targetBytes = 8 * 1024
    /// The longest body in bytes, where a route does not say otherwise.
    package var bodyBytes = 2 * 1024 * 1024
    /// From the first byte of a head, or from the connection's start, to the head's end.
    package var headTime = TimeAmount.seconds(10)
    /// How long a connection may rest between two requests.
    package var idleTime = TimeAmount.seconds(75)
    /// How long any body may take; every ``bodyBytesPerSecond`` bytes add a second.
    package var bodyTime = TimeAmount.seconds(30)
    /// The slowest pace of a body after ``bodyTime``.
    package var bodyBytesPerSecond = 1024
    /// How long a peer may take nothing of what is being sent to it.
    package var stallTime = TimeAmount.seconds(60)
    /// How long a refused peer has to read the refusal.
    package var lingerTime = TimeAmount.seconds(2)

    package init() {}
}

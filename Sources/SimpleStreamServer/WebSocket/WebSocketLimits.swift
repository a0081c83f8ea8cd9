/// What one WebSocket peer may ask of us.
package struct WebSocketLimits: Sendable, Hashable {
    /// The longest message in bytes, whole or in fragments.
    ///
    /// 1 MiB unless told otherwise.
    package var messageBytes: Int
    /// How many pings and pongs may come at once.
    package var controlBurst: Int
    /// How many pings and pongs a second are fine for ever.
    package var controlPerSecond: Double
    /// How many fragments a message may have besides one for every 16 of its bytes.
    package var spareFragments: Int

    package init(
        messageBytes: Int = 1 << 20,
        controlBurst: Int = 64,
        controlPerSecond: Double = 16,
        spareFragments: Int = 256
    ) {
        self.messageBytes = messageBytes
        self.controlBurst = controlBurst
        self.controlPerSecond = controlPerSecond
        self.spareFragments = spareFragments
    }
}

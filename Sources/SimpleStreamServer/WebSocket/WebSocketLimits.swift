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
    /// How many bytes a second are read for ever, frames of every kind and their heads; nil reads all that comes.
    ///
    /// A peer that sends faster is not refused: it is read that much later.
    package var bytesPerSecond: Int?
    /// How many bytes are read as fast as they come before ``bytesPerSecond`` holds.
    package var burstBytes: Int

    package init(
        messageBytes: Int = 1 << 20,
        controlBurst: Int = 64,
        controlPerSecond: Double = 16,
        spareFragments: Int = 256,
        bytesPerSecond: Int? = nil,
        burstBytes: Int = 4 << 20
    ) {
        self.messageBytes = messageBytes
        self.controlBurst = controlBurst
        self.controlPerSecond = controlPerSecond
        self.spareFragments = spareFragments
        self.bytesPerSecond = bytesPerSecond
        self.burstBytes = burstBytes
    }
}

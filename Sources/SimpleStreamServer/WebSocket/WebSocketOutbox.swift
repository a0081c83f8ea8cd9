import NIOCore

/// Frames on their way out, gathered so that they leave in one write.
package struct WebSocketOutbox {
    /// How many bytes one write should hold.
    ///
    /// A single frame may be longer.
    static let writeBytes = 64 * 1024

    private(set) var buffer: ByteBuffer

    /// - Parameter buffer: frames that go first.
    init(_ buffer: ByteBuffer) { self.buffer = buffer }

    /// Whether more frames should be added now.
    ///
    /// Adding one anyway is allowed.
    package var hasRoom: Bool { buffer.readableBytes < Self.writeBytes }

    /// Adds a text message.
    ///
    /// - Parameter text: UTF-8; not checked again.
    package mutating func append(text: some Collection<UInt8>) {
        WebSocketFrame.append(.text, text, to: &buffer)
    }

    /// Adds a binary message.
    package mutating func append(binary: some Collection<UInt8>) {
        WebSocketFrame.append(.binary, binary, to: &buffer)
    }
}

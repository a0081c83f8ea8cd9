/// The head of one frame from a client.
struct WebSocketFrameHeader: Equatable {
    var isFinal: Bool
    var opcode: WebSocketOpcode
    var length: Int
    /// The four masking bytes, the first one in the lowest byte.
    var mask: UInt32
}

/// A frame as a client sends it, or deliberately not quite.
struct ClientFrame {
    var opcode: UInt8
    var payload: [UInt8] = []
    var isFinal = true
    var reserved: UInt8 = 0
    var mask: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]
    /// How many bytes the length takes: 0, 2 or 8; nil for the shortest form.
    var lengthBytes: Int?
    /// What the head says, when it is not the payload's length.
    var declaredLength: UInt64?

    static func text(_ text: String, isFinal: Bool = true) -> ClientFrame {
        ClientFrame(opcode: 1, payload: Array(text.utf8), isFinal: isFinal)
    }

    static func more(_ payload: [UInt8], isFinal: Bool) -> ClientFrame {
        ClientFrame(opcode: 0, payload: payload, isFinal: isFinal)
    }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> ClientFrame {
        ClientFrame(opcode: 8, payload: [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    var bytes: [UInt8] {
        let length = declaredLength ?? UInt64(payload.count)
        let wide = lengthBytes ?? (length < 126 ? 0 : length < 65536 ? 2 : 8)
        let short: UInt8 = wide == 0 ? UInt8(length & 0x7F) : wide == 2 ? 126 : 127
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode, (mask == nil ? 0 : 0x80) | short]
        bytes += (0..<wide).reversed().map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) }
        guard let mask else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }
}

import NIOCore

/// Writes server frames: unmasked, whole, without extensions.
package enum WebSocketFrame {
    /// The longest head a server frame can have.
    static let longestHead = 10

    /// Appends one frame to a buffer, so that many frames leave in one write.
    static func append(_ opcode: WebSocketOpcode, _ payload: some Collection<UInt8>, to buffer: inout ByteBuffer) {
        buffer.reserveCapacity(minimumWritableBytes: payload.count + longestHead)
        buffer.writeBytes(head(opcode, length: payload.count))
        buffer.writeBytes(payload)
    }

    /// One frame as bytes of its own.
    static func encoded(_ opcode: WebSocketOpcode, _ payload: some Collection<UInt8>) -> [UInt8] {
        head(opcode, length: payload.count) + payload
    }

    /// A close frame; without a code its payload is empty.
    static func close(_ code: WebSocketCloseCode?, reason: String = "") -> [UInt8] {
        guard let code, code.mayBeSent else { return encoded(.close, []) }
        var payload = [UInt8(truncatingIfNeeded: code.rawValue >> 8), UInt8(truncatingIfNeeded: code.rawValue)]
        // A control frame holds 125 bytes; cut between characters.
        for character in reason {
            let bytes = character.utf8
            guard payload.count + bytes.count <= 125 else { break }
            payload.append(contentsOf: bytes)
        }
        return encoded(.close, payload)
    }

    private static func head(_ opcode: WebSocketOpcode, length: Int) -> [UInt8] {
        let first = 0x80 | opcode.rawValue
        switch length {
        case 0...125:
            return [first, UInt8(truncatingIfNeeded: length)]
        case 126...65535:
            return [first, 126, UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)]
        default:
            let bytes = (0..<8).reversed().map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
            return [first, 127] + bytes
        }
    }
}

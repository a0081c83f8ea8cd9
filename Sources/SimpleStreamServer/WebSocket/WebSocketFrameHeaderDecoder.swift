/// Reads a frame head one byte at a time and refuses it at the first byte that breaks RFC 6455 section 5.
///
/// No extension is ever negotiated, so all three reserved bits must be 0.
struct WebSocketFrameHeaderDecoder {
    enum Step: Equatable {
        case needsMore
        case complete(WebSocketFrameHeader)
        /// The frame is malformed; the text says how.
        case violation(String)
    }

    private enum Stage {
        case first
        case second
        case length(missing: Int, value: UInt64, minimum: UInt64)
        case mask(missing: Int)
    }

    private var stage = Stage.first
    private var header = WebSocketFrameHeader(isFinal: false, opcode: .continuation, length: 0, mask: 0)

    /// Whether no byte of a head has been seen since the last complete one.
    var isAtFrameStart: Bool {
        if case .first = stage { true } else { false }
    }

    mutating func consume(_ byte: UInt8) -> Step {
        switch stage {
        case .first: first(byte)
        case .second: second(byte)
        case .length(let missing, let value, let minimum):
            length(value << 8 | UInt64(byte), missing: missing - 1, minimum: minimum)
        case .mask(let missing): mask(byte, missing: missing)
        }
    }

    private mutating func first(_ byte: UInt8) -> Step {
        guard byte & 0x70 == 0 else { return .violation("reserved bit set") }
        guard let opcode = WebSocketOpcode(rawValue: byte & 0x0F) else { return .violation("reserved opcode") }
        header.isFinal = byte & 0x80 != 0
        header.opcode = opcode
        guard header.isFinal || !opcode.isControl else { return .violation("fragmented control frame") }
        stage = .second
        return .needsMore
    }

    private mutating func second(_ byte: UInt8) -> Step {
        guard byte & 0x80 != 0 else { return .violation("unmasked frame") }
        let short = byte & 0x7F
        guard short <= 125 || !header.opcode.isControl else { return .violation("control frame over 125 bytes") }
        header.mask = 0
        switch short {
        case 126: stage = .length(missing: 2, value: 0, minimum: 126)
        case 127: stage = .length(missing: 8, value: 0, minimum: 65536)
        default:
            header.length = Int(short)
            stage = .mask(missing: 4)
        }
        return .needsMore
    }

    private mutating func length(_ value: UInt64, missing: Int, minimum: UInt64) -> Step {
        guard missing == 0 else {
            stage = .length(missing: missing, value: value, minimum: minimum)
            return .needsMore
        }
        guard let length = Int(exactly: value) else { return .violation("frame length over 63 bits") }
        guard value >= minimum else { return .violation("frame length not in its shortest form") }
        header.length = length
        stage = .mask(missing: 4)
        return .needsMore
    }

    private mutating func mask(_ byte: UInt8, missing: Int) -> Step {
        header.mask |= UInt32(byte) << UInt32(8 * (4 - missing))
        guard missing == 1 else {
            stage = .mask(missing: missing - 1)
            return .needsMore
        }
        stage = .first
        return .complete(header)
    }
}

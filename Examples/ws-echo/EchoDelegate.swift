import NIOCore
import SimpleStreamServer

/// Sends every message back, and reads no further than the peer reads.
final class EchoDelegate: WebSocketDelegate {
    private enum Message {
        case text([UInt8])
        case binary([UInt8])
    }

    /// Beyond this many waiting bytes the peer has to read first.
    private static let highWater = 1 << 20

    private let connection: WebSocketConnection
    private var waiting: [Message] = []
    private var waitingBytes = 0

    init(connection: WebSocketConnection) { self.connection = connection }

    func received(text: [UInt8]) { enqueue(.text(text), count: text.count) }

    func received(binary: [UInt8]) { enqueue(.binary(binary), count: binary.count) }

    private func enqueue(_ message: Message, count: Int) {
        waiting.append(message)
        waitingBytes += count
        if waitingBytes > Self.highWater { connection.pauseReading() }
    }

    func fill(_ outbox: inout WebSocketOutbox) {
        var sent = 0
        while sent < waiting.count, outbox.hasRoom {
            switch waiting[sent] {
            case .text(let bytes):
                outbox.append(text: bytes)
                waitingBytes -= bytes.count
            case .binary(let bytes):
                outbox.append(binary: bytes)
                waitingBytes -= bytes.count
            }
            sent += 1
        }
        waiting.removeFirst(sent)
        if waitingBytes <= Self.highWater { connection.resumeReading() }
    }

    func heartbeatDue() {}

    func drainRequested() { connection.close(.serviceRestart) }

    func closed(_ end: WebSocketEnd) { waiting = [] }
}

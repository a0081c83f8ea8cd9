import NIOCore
import Testing

@testable import SimpleStreamServer

extension WebSocketSession {
    /// Feeds bytes in pieces and gathers what the session wants done.
    mutating func feed(
        _ bytes: [UInt8],
        pieces: Int,
        at now: NIODeadline = .uptimeNanoseconds(0)
    ) -> [Action] {
        var actions: [Action] = []
        var start = 0
        while start < bytes.count {
            let end = min(start + pieces, bytes.count)
            var buffer = ByteBuffer(bytes: bytes[start..<end])
            while let action = next(from: &buffer, at: now) { actions.append(action) }
            start = end
        }
        return actions
    }
}

/// What one peer sends and what must become of it.
struct SessionScript: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var actions: [Expected]

    /// An expected action; ends are told apart by their code, not their words.
    enum Expected: Equatable, Sendable {
        case text(String)
        case binary([UInt8])
        case pong([UInt8])
        case end(UInt16, byPeer: Bool)
    }

    var testDescription: String { name }

    init(_ name: String, _ frames: [ClientFrame], _ actions: [Expected]) {
        self.name = name
        self.bytes = frames.flatMap(\.bytes)
        self.actions = actions
    }

    static func seen(_ action: WebSocketSession.Action) -> Expected {
        switch action {
        case .text(let bytes): .text(String(decoding: bytes, as: UTF8.self))
        case .binary(let bytes): .binary(bytes)
        case .write(let bytes): bytes.first == 0x8A ? .pong(Array(bytes.dropFirst(2))) : .binary(bytes)
        case .end(let end, _): .end(end.code.rawValue, byPeer: end.byPeer)
        }
    }
}

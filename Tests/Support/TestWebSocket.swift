package import SimpleStreamKit

/// A WebSocket client that follows the rules unless it is told to break them, and reads only when it is asked to.
package struct TestWebSocket {
    /// What came from the server.
    package enum Received: Sendable, Hashable {
        case text(JSONValue)
        case close(Int)
        /// The connection ended without a close frame.
        case end
    }

    /// The server refused to upgrade.
    package struct Refused: Error, Sendable {
        package let response: TestConnection.Response
    }

    private var connection: TestConnection
    /// How the server agreed.
    package let head: TestConnection.Response

    /// Opens a socket while `body` runs.
    ///
    /// - Parameter headers: besides those of every handshake; a name given here replaces one of them.
    /// - Throws: ``Refused`` when the server answers anything but 101.
    package static func connect<R: Sendable>(
        to port: Int,
        path: String = "/ws",
        headers: [String: String] = [:],
        receiveBuffer: Int? = nil,
        prepare: @escaping TestConnection.Preparation = { _ in },
        _ body: (inout TestWebSocket) async throws -> R
    ) async throws -> R {
        var fields = [
            "Host": "127.0.0.1:\(port)", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
        ]
        fields.merge(headers) { $1 }
        let lines = fields.map { "\($0.key): \($0.value)\r\n" }.joined()
        return try await TestConnection.connect(to: port, receiveBuffer: receiveBuffer, prepare: prepare) {
            connection in
            try await connection.send("GET \(path) HTTP/1.1\r\n\(lines)\r\n")
            let head = try await connection.readHead()
            guard head.status == 101 else {
                var response = head
                response.body = try await connection.read(Int(head.headers["content-length"] ?? "") ?? 0)
                throw Refused(response: response)
            }
            var socket = TestWebSocket(connection: connection, head: head)
            return try await body(&socket)
        }
    }

    // MARK: Sending

    package func send(_ event: JSONValue) async throws { try await send(text: event.text) }

    package func send(text: String) async throws { try await send(opcode: 1, Array(text.utf8)) }

    /// Sends one frame, masked.
    package func send(opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) async throws {
        try await connection.send(Self.frame(opcode: opcode, payload, isFinal: isFinal))
    }

    /// Sends bytes that need not be a frame.
    package func send(raw bytes: [UInt8]) async throws { try await connection.send(bytes) }

    /// A client's frame.
    package static func frame(opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        let wide = payload.count < 126 ? 0 : payload.count < 65536 ? 2 : 8
        let short = wide == 0 ? UInt8(truncatingIfNeeded: payload.count) : wide == 2 ? 126 : 127
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode, 0x80 | short]
        bytes += (0..<wide).reversed().map { UInt8(truncatingIfNeeded: payload.count >> (8 * $0)) }
        bytes += mask
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index & 3]) }
        return bytes
    }

    // MARK: Receiving

    /// The next message or the end. Pings of the WebSocket protocol are passed over.
    package mutating func next() async throws -> Received {
        do {
            while true {
                let (opcode, payload) = try await readFrame()
                switch opcode {
                case 1: return .text(try JSONValue(parsing: payload))
                case 8: return .close(payload.count < 2 ? 1005 : Int(payload[0]) << 8 | Int(payload[1]))
                default: continue
                }
            }
        } catch is TestConnection.Closed {
            return .end
        }
    }

    /// The next message of a type; others are passed over.
    ///
    /// - Throws: when the socket closes before.
    package mutating func next(_ type: String) async throws -> JSONValue {
        while true {
            switch try await next() {
            case .text(let event):
                if event["type"]?.string == type { return event }
            case .close(let code): throw TestConnection.Closed(rest: "close \(code) while waiting for \(type)")
            case .end: throw TestConnection.Closed(rest: "the end while waiting for \(type)")
            }
        }
    }

    /// The code the server closes with; messages are passed over. Nil when it ends without one.
    package mutating func closeCode() async throws -> Int? {
        while true {
            switch try await next() {
            case .text: continue
            case .close(let code): return code
            case .end: return nil
            }
        }
    }

    private mutating func readFrame() async throws -> (opcode: UInt8, payload: [UInt8]) {
        let head = try await connection.read(2)
        var length = Int(head[1] & 0x7F)
        if length >= 126 {
            length = try await connection.read(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
        }
        return (head[0] & 0x0F, try await connection.read(length))
    }
}

import SimpleStreamServer
import TestSupport
import Testing

/// Peers that begin something and then say nothing.
@Suite(.timeLimit(.minutes(5))) struct SilenceTests {
    static let beginnings: [(name: String, bytes: [UInt8])] = [
        ("nothing", []), ("half a head", [0x81]), ("half a length", [0x81, 0xFE, 0x01]),
        ("half a frame", [0x81, 0x85, 0, 0, 0, 0, 0x68, 0x65]), ("half a message", [0x01, 0x81, 0, 0, 0, 0, 0x68]),
        ("half a ping", [0x89, 0x82, 0, 0, 0, 0, 0x68]),
    ]

    /// Closed after two heartbeats, which are short here.
    @Test func halfAFrameThenSilenceIsClosed() async throws {
        try await ChatServer.run {
            $0.heartbeat = .seconds(1)
        } _: { server in
            try await withThrowingTaskGroup(of: (String, Int?).self) { group in
                for beginning in Self.beginnings {
                    group.addTask {
                        let code = try await TestWebSocket.connect(to: server.port) { socket in
                            try? await socket.send(raw: beginning.bytes)
                            return try await socket.closeCode()
                        }
                        return (beginning.name, code)
                    }
                }
                for try await (name, code) in group { #expect(code == 1001, "\(name)") }
            }
            // The place is there for others.
            #expect(try await server.http.get("/health").status == 200)
        }
    }
}

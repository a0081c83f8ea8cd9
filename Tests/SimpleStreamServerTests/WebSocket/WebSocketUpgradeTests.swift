import HTTPTypes
import NIOCore
import SimpleStreamKit
import Testing

@testable import SimpleStreamServer

@Suite(.timeLimit(.minutes(1))) struct WebSocketUpgradeTests {
    /// Echoes text, also from another thread when asked to.
    final class Echo: WebSocketDelegate {
        let connection: WebSocketConnection
        var outgoing: [[UInt8]] = []

        init(_ connection: WebSocketConnection) { self.connection = connection }

        func received(text: [UInt8]) { outgoing.append(text) }
        func received(binary: [UInt8]) { connection.close(.unacceptableData) }
        func fill(_ outbox: inout WebSocketOutbox) {
            while outbox.hasRoom, !outgoing.isEmpty { outbox.append(text: outgoing.removeFirst()) }
        }
        func heartbeatDue() {}
        func drainRequested() { connection.close(.serviceRestart) }
        func closed(_ end: WebSocketEnd) {}
    }

    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    static func request(_ path: String = "/ws", replacing changes: [String: String] = [:], method: String = "GET")
        -> String
    {
        var fields = [
            "Host": "localhost", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13",
        ]
        fields.merge(changes) { $1 }
        return "\(method) \(path) HTTP/1.1\r\n" + fields.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
    }

    private func withServer(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await withTestServer {
            $0.webSockets = WebSocketUpgrade { request, _ in
                switch request.path {
                case "/ws":
                    // The decision may take its time.
                    await Task.yield()
                    return .accept(
                        WebSocketAcceptance(subprotocol: "simplestream.v1", headers: [.server: "test"]) { Echo($0) })
                case "/refused":
                    return .refuse(HTTPRefusal(.forbidden, .forbidden, "Not from there."))
                default:
                    return .passOn
                }
            }
        } _: {
            try await body($0)
        }
    }

    @Test func theHandshakeIsThatOfTheStandard() async throws {
        #expect(WebSocketHandshake.accept(key: Self.key) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        try await withServer { port in
            try await RawClient.connect(to: port) { client in
                // Frames may come before the answer is there.
                try await client.send(Array(Self.request().utf8) + ClientFrame.text("early").bytes)
                let response = try await client.readResponse()
                #expect(response.status == 101)
                #expect(response.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
                #expect(response.headers["sec-websocket-protocol"] == "simplestream.v1")
                #expect(response.headers["upgrade"] == "websocket")
                #expect(response.headers["server"] == "test")
                #expect(try await client.read(7) == [0x81, 5] + Array("early".utf8))
                try await client.send(ClientFrame.text("late").bytes)
                #expect(try await client.read(6) == [0x81, 4] + Array("late".utf8))
                try await client.send(ClientFrame.close(1000).bytes)
                #expect(try await client.readToEnd() == [0x88, 2, 0x03, 0xE8])
            }
        }
    }

    @Test(
        arguments: [
            (["Sec-WebSocket-Version": "8"], "GET", 426),
            (["Sec-WebSocket-Version": "13, 8"], "GET", 426),
            (["Sec-WebSocket-Key": "short"], "GET", 400),
            (["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=!"], "GET", 400),
            (["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZSBzYW1wbGU="], "GET", 400),
            (["Connection": "keep-alive"], "GET", 400),
            ([:], "POST", 400),
            (["Content-Length": "5"], "GET", 400),
            (["Host": "evil.example"], "GET", 421),
        ] as [([String: String], String, Int)])
    func badHandshakesAreRefusedAndClosed(changes: [String: String], method: String, status: Int) async throws {
        try await withServer { port in
            try await RawClient.connect(to: port) { client in
                try await client.send(Self.request(replacing: changes, method: method))
                let response = try await client.readResponse()
                #expect(response.status == status)
                #expect(response.headers["sec-websocket-version"] == (status == 426 ? "13" : nil))
                #expect(try await client.readToEnd().isEmpty)
            }
        }
    }

    @Test func theApplicationMayRefuseOrPassOn() async throws {
        try await withServer { port in
            try await RawClient.connect(to: port) { client in
                try await client.send(Self.request("/refused"))
                let response = try await client.readResponse()
                #expect(response.status == 403)
                #expect(response.body.contains("Not from there."))
                #expect(try await client.readToEnd().isEmpty)
            }
            try await RawClient.connect(to: port) { client in
                try await client.send(Self.request("/"))
                let response = try await client.readResponse()
                #expect(response.status == 200)
                #expect(response.body == "hello")
                #expect(try await client.readToEnd().isEmpty)
            }
        }
    }

    @Test func aUsedConnectionCanBecomeAWebSocket() async throws {
        try await withServer { port in
            try await RawClient.connect(to: port) { client in
                let first = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
                try await client.send(Array((first + Self.request()).utf8) + ClientFrame.text("x").bytes)
                #expect(try await client.readResponse().body == "hello")
                #expect(try await client.readResponse().status == 101)
                #expect(try await client.read(3) == [0x81, 1, 120])
            }
        }
    }

    @Test func otherUpgradesAreServedAsHTTP() async throws {
        try await withServer { port in
            try await RawClient.connect(to: port) { client in
                try await client.send(
                    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                        + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
                #expect(try await client.readResponse().body == "hello")
                #expect(try await client.readToEnd().isEmpty)
            }
        }
    }

    @Test func brokenFramesAreToldWhyBeforeTheEnd() async throws {
        try await withServer { port in
            try await RawClient.connect(to: port) { client in
                try await client.send(Self.request())
                #expect(try await client.readResponse().status == 101)
                // Much more behind the broken frame, unread: the close frame must arrive all the same.
                let junk = [UInt8](repeating: 0x55, count: 300_000)
                try await client.send(ClientFrame(opcode: 1, payload: [97], mask: nil).bytes + junk)
                #expect(try await client.readToEnd().prefix(4) == [0x88, 16, 0x03, 0xEA])
            }
        }
    }

    @Test func shutdownTellsOpenSockets() async throws {
        let (closes, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let (upgraded, upgradedContinuation) = AsyncStream.makeStream(of: Void.self)
            let (ports, portContinuation) = AsyncStream.makeStream(of: Int.self)
            tasks.addTask {
                try await withServer { port in
                    portContinuation.yield(port)
                    _ = await upgraded.first { true }
                }
            }
            let port = try #require(await ports.first { _ in true })
            tasks.addTask {
                try await RawClient.connect(to: port) { client in
                    try await client.send(Self.request())
                    #expect(try await client.readResponse().status == 101)
                    upgradedContinuation.yield()
                    let close = try await client.read(4)
                    try await client.send(ClientFrame.close(1012).bytes)
                    continuation.yield(close)
                }
            }
            try await tasks.waitForAll()
        }
        #expect(await closes.first { _ in true } == [0x88, 2, 0x03, 0xF4])
    }
}

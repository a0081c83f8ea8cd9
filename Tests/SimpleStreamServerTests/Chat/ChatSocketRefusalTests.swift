import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

@Suite struct ChatSocketRefusalTests {
    @Test(arguments: [
        ("{", "invalid_message"), ("[]", "invalid_message"), ("7", "invalid_message"), ("\"x\"", "invalid_message"),
        ("", "invalid_message"), ("{}", "invalid_message"), ("{\"type\":1}", "invalid_message"),
        ("{\"type\":\"ai_chat_response\"}", "invalid_message"), ("{\"type\":\"session:ready\"}", "invalid_message"),
        ("{\"type\":\"ping\"} x", "invalid_message"), ("{\"type\":\"ping\",\"x\":\"\\u0000\"}", "invalid_message"),
        ("{\"type\":\"ping\",\"x\":\"\\ud800\"}", "invalid_message"),
        (String(repeating: "[", count: 100_000), "invalid_message"),
        ("{\"type\":\"ai_chat_request\"}", "invalid_request"),
        (
            "{\"type\":\"ai_chat_request\",\"conversationId\":null,\"prompt\":\"x\",\"provider\":\"scripted\"}",
            "invalid_request"
        ),
        (
            "{\"type\":\"ai_chat_request\",\"conversationId\":\"new-chat\",\"prompt\":7,\"provider\":\"scripted\"}",
            "invalid_request"
        ),
        (
            "{\"type\":\"ai_chat_request\",\"conversationId\":\"new-chat\",\"prompt\":\"x\",\"provider\":\"nobody\"}",
            "invalid_request"
        ),
        (
            "{\"type\":\"ai_chat_request\",\"conversationId\":\"new-chat\",\"prompt\":\"x\",\"provider\":\"scripted\",\"temperature\":9}",
            "invalid_request"
        ),
        (
            "{\"type\":\"ai_chat_request\",\"conversationId\":\"nope\",\"prompt\":\"x\",\"provider\":\"scripted\"}",
            "not_found"
        ),
        ("{\"type\":\"ai_chat_cancel\"}", "invalid_request"),
        ("{\"type\":\"ai_chat_cancel\",\"messageId\":\"nope\"}", "not_found"),
        ("{\"type\":\"stream_subscribe\",\"conversationId\":\"nope\"}", "not_found"),
        ("{\"type\":\"stream_subscribe\",\"conversationId\":\"x\",\"afterSeq\":-1}", "invalid_request"),
        ("{\"type\":\"typing\",\"conversationId\":\"nope\"}", "not_found"),
    ])
    func badMessageIsToldAndCostsNothingElse(text: String, code: String) async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                try await socket.send(text: text)
                #expect(try await socket.next("error")["code"] == .string(code))
                try await socket.send(["type": "ping", "t": 1])
                #expect(try await socket.next("pong")["t"] == 1)
            }
        }
    }

    @Test func errorNamesTheRequest() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                try await socket.send(["type": "ai_chat_request", "requestId": "mine", "prompt": "x"])
                #expect(try await socket.next("error")["requestId"] == "mine")
            }
        }
    }

    @Test func elevenMalformedMessagesAreTooMany() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                for _ in 0..<11 { try await socket.send(text: "{") }
                #expect(try await socket.closeCode() == 1008)
            }
        }
    }

    @Test func floodIsRefusedThenClosed() async throws {
        try await ChatServer.run {
            $0.clients.messagesPerSecond = 1
        } _: { server in
            try await server.withSocket { socket in
                for _ in 0..<30 { try await socket.send(["type": "ping"]) }
                #expect(try await socket.next("error")["code"] == "rate_limited")
                #expect(try await socket.closeCode() == 1008)
            }
        }
    }

    @Test func binaryIsNotUnderstood() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                try await socket.send(opcode: 2, [1, 2, 3])
                #expect(try await socket.closeCode() == 1003)
            }
        }
    }

    @Test func longMessageIsTooBig() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                // Only as much as the server may read: it closes at the frame's head.
                let frame = TestWebSocket.frame(opcode: 1, Array(repeating: 0x20, count: 2 << 20))
                try await socket.send(raw: Array(frame.prefix(1024)))
                #expect(try await socket.closeCode() == 1009)
            }
        }
    }

    @Test func badTextIsRefused() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                try await socket.send(opcode: 1, [0x22, 0xFF, 0x22])
                #expect(try await socket.closeCode() == 1007)
            }
        }
    }

    // MARK: The handshake

    @Test(arguments: ["http://evil.example", "null", "http://localhost:1", "https://127.0.0.1"])
    func foreignOriginIsRefused(origin: String) async throws {
        try await ChatServer.run { server in
            let error = await #expect(throws: TestWebSocket.Refused.self) {
                try await TestWebSocket.connect(to: server.port, headers: ["Origin": origin]) { _ in }
            }
            #expect(error?.response.status == 403)
            #expect(error?.response.errorCode == "forbidden")
        }
    }

    @Test func foreignHostIsRefused() async throws {
        try await ChatServer.run { server in
            let error = await #expect(throws: TestWebSocket.Refused.self) {
                try await TestWebSocket.connect(to: server.port, headers: ["Host": "rebound.example"]) { _ in }
            }
            #expect(error?.response.status == 421)
        }
    }

    @Test func ownPageIsWelcome() async throws {
        try await ChatServer.run { server in
            try await TestWebSocket.connect(
                to: server.port, headers: ["Origin": "http://127.0.0.1:\(server.port)"]
            ) { socket in
                _ = try await socket.next("session:ready")
            }
        }
    }

    @Test func otherUsersIDIsNoCredential() async throws {
        try await ChatServer.run { server in
            try await TestWebSocket.connect(to: server.port, path: "/ws?id=someone") { socket in
                let received = try await socket.next()
                #expect(received == .close(4001))
            }
            try await TestWebSocket.connect(to: server.port, path: "/?id=local") { socket in
                _ = try await socket.next("session:ready")
            }
        }
    }

    @Test func subprotocolIsAnsweredWithoutTheToken() async throws {
        try await ChatServer.run { server in
            let headers = ["Sec-WebSocket-Protocol": "simplestream.v1, bearer.secret"]
            try await TestWebSocket.connect(to: server.port, headers: headers) { socket in
                #expect(socket.head.headers["sec-websocket-protocol"] == "simplestream.v1")
            }
        }
    }

    @Test func oneSocketTooManyIsClosed() async throws {
        try await ChatServer.run {
            $0.clients.socketsPerUser = 1
        } _: { server in
            try await server.withSocket { _ in
                try await TestWebSocket.connect(to: server.port) { second in
                    let received = try await second.next()
                    #expect(received == .close(4008))
                }
            }
        }
    }

    @Test func otherPathsHaveNoSocket() async throws {
        try await ChatServer.run { server in
            let error = await #expect(throws: TestWebSocket.Refused.self) {
                try await TestWebSocket.connect(to: server.port, path: "/api/models") { _ in }
            }
            #expect(error?.response.status == 200)
        }
    }
}

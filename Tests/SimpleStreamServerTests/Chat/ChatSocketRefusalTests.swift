import NIOCore
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

    @Test func aFloodOfLongMessagesIsRefusedUnread() async throws {
        try await ChatServer.run {
            // The first one is too many.
            $0.clients.messagesPerSecond = 0
        } _: { server in
            for (padding, id) in [(3000, "mine"), (5000, nil)] as [(Int, String?)] {
                try await server.withSocket { socket in
                    try await socket.send([
                        "type": "ping", "requestId": "mine", "padding": .string(String(repeating: "x", count: padding)),
                    ])
                    let error = try await socket.next("error")
                    #expect(error["code"] == "rate_limited")
                    #expect(error["requestId"]?.string == id)
                }
            }
        }
    }

    @Test func answersComeInTheOrderOfTheMessages() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                let long = String(repeating: "[", count: 60) + String(repeating: "0,", count: 200_000) + "0"
                let messages = [
                    "{", #"{"type":"ping","t":1}"#, #"{"type":"ping","x":\#(long)"#, #"{"type":"ping","t":2}"#,
                    #"{"type":"typing","conversationId":"nope"}"#, "[]", #"{"type":"ping","t":3}"#,
                    #"{"type":"ai_chat_request","requestId":"r","prompt":7}"#, #"{"type":"ping","t":4}"#,
                ]
                for message in messages { try await socket.send(text: message) }
                var answers: [String] = []
                while answers.count < messages.count, case .text(let event) = try await socket.next() {
                    answers.append(event["code"]?.string ?? event["t"].map { "\($0.text)" } ?? "?")
                }
                #expect(
                    answers == [
                        "invalid_message", "1", "invalid_message", "2", "not_found", "invalid_message", "3",
                        "invalid_request", "4",
                    ])
            }
        }
    }

    /// Every message may be as long as the longest, also many of them, and costs nobody else anything.
    @Test func theLongestMessagesPassOneAfterTheOther() async throws {
        try await ChatServer.run {
            $0.clients.bytesPerSecond = 1 << 24
        } _: { server in
            try await server.withSocket { bystander in
                try await server.withSocket { socket in
                    let empty = #"{"type":"ping","t":0,"x":""}"#
                    let longest = String(repeating: "x", count: (1 << 20) - empty.utf8.count)
                    for t in 1...6 {
                        try await socket.send(text: #"{"type":"ping","t":\#(t),"x":"\#(longest)"}"#)
                        try await bystander.send(["type": "ping", "t": .integer(t)])
                        #expect(try await bystander.next("pong")["t"] == .integer(t))
                    }
                    for t in 1...6 { #expect(try await socket.next("pong")["t"] == .integer(t)) }
                }
            }
        }
    }

    @Test func whoSendsTooManyBytesIsReadLaterAndNobodyElseIs() async throws {
        try await ChatServer.run {
            // One burst, of the longest message, and then next to nothing.
            $0.messageBytes = 1024
            $0.clients.bytesPerSecond = 1
        } _: { server in
            try await TestWebSocket.connect(to: server.port) { socket in
                _ = try await socket.next("session:ready")
                let empty = #"{"type":"ping","t":0,"x":""}"#
                let longest = String(repeating: "x", count: 1024 - empty.utf8.count)
                let ping = TestWebSocket.frame(opcode: 1, Array(#"{"type":"ping","t":1,"x":"\#(longest)"}"#.utf8))
                try await socket.send(raw: ping + ping)
                #expect(try await socket.next("pong")["t"] == 1)
                try await expectService(on: server)
                // All that follows waits in the kernel, for minutes.
                try await socket.send([
                    "type": "ai_chat_request", "conversationId": "new-chat", "prompt": "x", "provider": "scripted",
                ])
                try await expectService(on: server)
                #expect(server.provider.callCount == 0)
            }
        }
    }

    /// Sockets of every event loop are served, which has then done what it was at.
    private func expectService(on server: ChatServer) async throws {
        for t in 0...System.coreCount {
            try await server.withSocket { bystander in
                try await bystander.send(["type": "ping", "t": .integer(t)])
                #expect(try await bystander.next("pong")["t"] == .integer(t))
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

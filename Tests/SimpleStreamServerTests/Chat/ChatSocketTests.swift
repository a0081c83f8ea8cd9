import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

@Suite struct ChatSocketTests {
    @Test func greetsFirst() async throws {
        try await ChatServer.run { server in
            try await TestWebSocket.connect(to: server.port, path: "/") { socket in
                guard case .text(let ready) = try await socket.next() else { throw CancellationError() }
                #expect(ready["type"] == "session:ready")
                #expect(ready["userId"] == "local")
                #expect(ready["protocol"] == 1)
                #expect(ready["heartbeatMs"] == 25_000)
                #expect(ready["limits"]?["messageBytes"] == 1_048_576)
                #expect(ready["connectionId"]?.string?.isEmpty == false)
            }
        }
    }

    @Test func answersPings() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                try await socket.send(["type": "ping", "t": 42])
                let pong = try await socket.next("pong")
                #expect(pong["t"] == 42)
                #expect(pong["userId"] == "local")
            }
        }
    }

    @Test func streamsAnAnswer() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                let ack = try await socket.ask("Hi", provider: "scripted", requestID: "r1")
                #expect(ack["requestId"] == "r1")
                #expect(ack["title"] == "Hi")
                let call = try await server.provider.nextCall()
                call.say(.thinking("Hm."))
                call.say(.text("Hel"))
                call.say(.text("lo"))
                call.finish(usage: TokenUsage(inputTokens: 3, outputTokens: 2))
                let answer = try await socket.follow()
                #expect(answer.text == "Hello")
                #expect(answer.thinking == "Hm.")
                #expect(answer.faults.isEmpty)
                #expect(answer.terminal?["type"] == "ai_chat_response")
                #expect(answer.terminal?["chunk"] == "Hello")
                #expect(answer.terminal?["usage"] == 5)
            }
        }
    }

    @Test func twoSocketsFollowOneRun() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { asking in
                let ack = try await asking.ask("Hi", provider: "scripted")
                let call = try await server.provider.nextCall()
                call.say(.text("one "))
                var first = try await asking.follow { $0.seq == 1 }
                let second = try await server.withSocket { other in
                    try await other.send(
                        ["type": "stream_subscribe", "conversationId": ack["conversationId"] ?? .null, "afterSeq": 0])
                    var second = try await other.follow { $0.seq == 1 }
                    call.say(.text("two"))
                    call.finish()
                    second = try await other.follow(second)
                    return second
                }
                first = try await asking.follow(first)
                #expect(first.text == "one two")
                #expect(first == second)
                #expect(first.faults.isEmpty)
            }
        }
    }

    @Test func refreshGoesOnWithoutGapOrRepeat() async throws {
        try await ChatServer.run { server in
            let (seen, call) = try await server.withSocket { socket in
                _ = try await socket.ask("Hi", provider: "scripted")
                let call = try await server.provider.nextCall()
                call.say(.text("a"))
                call.say(.text("b"))
                return (try await socket.follow { $0.seq == 2 }, call)
            }
            call.say(.text("c"))
            try await server.withSocket { socket in
                try await socket.send([
                    "type": "stream_subscribe", "conversationId": .string(seen.conversationID),
                    "messageId": .string(seen.messageID), "afterSeq": .integer(seen.seq),
                ])
                #expect(try await socket.next("stream:resumed")["resumedAt"] == 2)
                call.say(.text("d"))
                call.finish()
                let answer = try await socket.follow(seen)
                #expect(answer.text == "abcd")
                #expect(answer.faults.isEmpty)
            }
        }
    }

    @Test func subscribingToAnEndedRunTellsTheEnd() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                _ = try await socket.ask("Hi", provider: "scripted")
                let call = try await server.provider.nextCall()
                call.say(.text("a"))
                call.finish()
                let answer = try await socket.follow()
                try await server.withSocket { other in
                    try await other.send([
                        "type": "stream_subscribe", "conversationId": .string(answer.conversationID),
                        "messageId": .string(answer.messageID), "afterSeq": .integer(answer.seq),
                    ])
                    let again = try await other.follow()
                    #expect(again.text == "a")
                    #expect(again.terminal == answer.terminal)
                }
            }
        }
    }

    @Test func stopKeepsTheText() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                let ack = try await socket.ask("Hi", provider: "scripted")
                let call = try await server.provider.nextCall()
                call.say(.text("some"))
                var answer = try await socket.follow { $0.seq == 1 }
                try await socket.send(["type": "ai_chat_cancel", "messageId": ack["messageId"] ?? .null])
                await call.closed()
                answer = try await socket.follow(answer)
                #expect(answer.terminal?["stopReason"] == "cancelled")
                #expect(answer.terminal?["chunk"] == "some")
            }
        }
    }

    @Test func commandsAreDoneInOrder() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                for number in 0..<30 { try await socket.send(["type": "ping", "t": .integer(number)]) }
                for number in 0..<30 { #expect(try await socket.next("pong")["t"] == .integer(number)) }
            }
        }
    }

    @Test func typingGoesToTheOthers() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { first in
                let ack = try await first.ask("Hi", provider: "scripted")
                let call = try await server.provider.nextCall()
                call.finish()
                _ = try await first.follow()
                try await server.withSocket { second in
                    try await second.send(["type": "typing", "conversationId": ack["conversationId"] ?? .null])
                    #expect(try await first.next("typing")["conversationId"] == ack["conversationId"])
                    try await second.send(["type": "ping", "t": 1])
                    // Its own did not come back before the answer to what it sent later.
                    guard case .text(let event) = try await second.next() else { throw CancellationError() }
                    #expect(event["type"] == "pong")
                }
            }
        }
    }
}

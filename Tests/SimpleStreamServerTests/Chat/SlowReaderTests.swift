import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

@Suite struct SlowReaderTests {
    /// More than sockets of both sides hold.
    private static let piece = String(repeating: "0123456789abcdef", count: 4096)
    private static let pieces = 120

    @Test func slowReaderIsClosedAndResumesBySeq() async throws {
        try await ChatServer.run(mailbox: Mailbox.Limits(highWater: 1 << 10, limit: 1 << 18)) { server in
            try await server.withSocket { fast in
                let ack = try await fast.ask("Hi", provider: "scripted")
                let call = try await server.provider.nextCall()
                call.say(.text(Self.piece))
                let begun = try await fast.follow { $0.seq == 1 }
                try await server.withSocket(receiveBuffer: 4096) { slow in
                    try await slow.send(["type": "stream_subscribe", "conversationId": ack["conversationId"] ?? .null])
                    _ = try await slow.next("stream:resumed")
                    // Each piece waits for the fast reader, who is not held up by the slow one.
                    var answer = begun
                    for number in 2...Self.pieces {
                        call.say(.text(Self.piece))
                        answer = try await fast.follow(answer) { $0.seq == number }
                    }
                    call.finish()
                    answer = try await fast.follow(answer)
                    #expect(answer.faults.isEmpty)
                    #expect(answer.text.utf8.count == Self.pieces * Self.piece.utf8.count)
                    try await expectClosedAndResumed(&slow, at: server, like: answer)
                }
            }
        }
    }

    private func expectClosedAndResumed(
        _ slow: inout TestWebSocket, at server: ChatServer, like answer: TestAnswer
    ) async throws {
        var part = TestAnswer()
        var code: Int?
        reading: while true {
            switch try await slow.next() {
            case .text(let event): part.apply(event)
            case .close(let number):
                code = number
                break reading
            case .end: break reading
            }
        }
        // A peer that takes nothing for long may not even get the close frame.
        #expect(code == 1013 || code == nil)
        #expect(part.terminal == nil)
        #expect(answer.text.hasPrefix(part.text))
        let seen = part
        try await server.withSocket { socket in
            try await socket.send([
                "type": "stream_subscribe", "conversationId": .string(answer.conversationID),
                "messageId": .string(answer.messageID), "afterSeq": .integer(seen.seq),
            ])
            var resumed = TestAnswer(messageID: answer.messageID, text: seen.text, seq: seen.seq)
            resumed = try await socket.follow(resumed)
            #expect(resumed.text == answer.text)
            #expect(resumed.faults.isEmpty)
        }
    }
}

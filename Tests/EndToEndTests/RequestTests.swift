import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct RequestTests {
        @Test func sameRequestIsOneRun() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withServer(reply(["a", "b"], gate: gate)) { server, upstream in
                try await server.withSocket { first in
                    let ack = try await first.ask("Go", provider: "acme", requestID: "r1")
                    gate.advance()
                    var one = try await first.follow { $0.seq == 1 }
                    let two = try await server.withSocket { second in
                        let again = try await second.ask("Go", provider: "acme", requestID: "r1")
                        #expect(again["messageId"] == ack["messageId"])
                        gate.open()
                        return try await second.follow()
                    }
                    one = try await first.follow(one)
                    #expect(one.text == "ab")
                    #expect(two.text == "ab")
                    #expect(one.faults.isEmpty && two.faults.isEmpty)
                    // Also when it has ended.
                    _ = try await first.ask("Go", provider: "acme", requestID: "r1")
                    let third = try await first.follow()
                    #expect(third.terminal?["chunk"] == "ab")
                    #expect(upstream.requests.count == 1)
                }
            }
        }

        @Test func otherRequestUnderTheSameIDIsAConflict() async throws {
            try await withServer(reply(["a"])) { server, _ in
                try await server.withSocket { socket in
                    _ = try await socket.ask("Go", provider: "acme", requestID: "r1")
                    _ = try await socket.follow()
                    try await socket.send([
                        "type": "ai_chat_request", "conversationId": "new-chat", "prompt": "Other", "provider": "acme",
                        "requestId": "r1",
                    ])
                    let error = try await socket.next("error")
                    #expect(error["code"] == "idempotency_conflict")
                    #expect(error["requestId"] == "r1")
                }
            }
        }

        @Test func branchIsBusyWhileAnAnswerIsWritten() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withServer(reply(["a"], gate: gate)) { server, _ in
                try await server.withSocket { socket in
                    let ack = try await socket.ask("Go", provider: "acme")
                    let body: JSONValue = [
                        "conversationId": ack["conversationId"] ?? .null, "prompt": "More", "provider": "acme",
                    ]
                    let busy = try await server.http.send("POST", "/api/chat", json: body)
                    #expect(busy.status == 409)
                    #expect(busy.errorCode == "conversation_busy")
                    gate.open()
                    _ = try await socket.follow()
                }
            }
        }

        @Test func foreignPagesAndHostsAreRefused() async throws {
            try await withServer(reply(["a"])) { server, _ in
                for (headers, status) in [
                    (["Origin": "http://evil.example"], 403), (["Host": "evil.example"], 421),
                ] {
                    let error = await #expect(throws: TestWebSocket.Refused.self) {
                        try await TestWebSocket.connect(to: server.port, headers: headers) { _ in }
                    }
                    #expect(error?.response.status == status)
                    let read = try await server.http.get("/api/conversations", headers: headers)
                    #expect(read.status == status)
                }
            }
        }

        @Test func longAndMalformedMessagesCostOnlyTheSender() async throws {
            try await withServer(reply(["a"])) { server, _ in
                try await server.withSocket { socket in
                    let frame = TestWebSocket.frame(opcode: 1, Array(repeating: 0x20, count: 2 << 20))
                    try await socket.send(raw: Array(frame.prefix(1000)))
                    #expect(try await socket.closeCode() == 1009)
                }
                for text in ["", "{", "[]", "nul", "{\"type\":{}}", "\"\u{7F}", String(repeating: "[", count: 90_000)] {
                    try await server.withSocket { socket in
                        try await socket.send(text: text)
                        #expect(try await socket.next("error")["code"] == "invalid_message")
                    }
                }
                try await server.withSocket { socket in
                    _ = try await socket.ask("Go", provider: "acme")
                    let answer = try await socket.follow()
                    #expect(answer.text == "a")
                }
            }
        }
    }
}

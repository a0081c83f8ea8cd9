import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct StreamingTests {
        private static let pieces = (0..<40).map { "piece \($0) – ü " }

        /// The text of the first pieces. Neighbours that arrive together share a number, so numbers do not count pieces.
        private static func said(_ count: Int) -> String { pieces.prefix(count).joined() }

        @Test func refreshInMidAnswer() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withServer(reply(Self.pieces, gate: gate)) { server, _ in
                let seen = try await server.withSocket { socket in
                    _ = try await socket.ask("Go", provider: "acme")
                    gate.advance(by: 15)
                    return try await socket.follow { $0.text == Self.said(15) }
                }
                // Said while nobody listens.
                gate.advance(by: 10)
                try await server.withSocket { socket in
                    try await socket.send([
                        "type": "stream_subscribe", "conversationId": .string(seen.conversationID),
                        "messageId": .string(seen.messageID), "afterSeq": .integer(seen.seq),
                    ])
                    gate.open()
                    let answer = try await socket.follow(seen)
                    #expect(answer.faults.isEmpty)
                    #expect(answer.text == Self.pieces.joined())
                    #expect(answer.terminal?["chunk"] == .string(Self.pieces.joined()))
                }
            }
        }

        @Test func twoSocketsOnOneRun() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withServer(reply(Self.pieces, gate: gate)) { server, upstream in
                try await server.withSocket { first in
                    let ack = try await first.ask("Go", provider: "acme")
                    gate.advance(by: 5)
                    var one = try await first.follow { $0.text == Self.said(5) }
                    let two = try await server.withSocket { second in
                        try await second.send([
                            "type": "stream_subscribe", "conversationId": ack["conversationId"] ?? .null,
                        ])
                        let begun = try await second.follow { $0.text == Self.said(5) }
                        gate.open()
                        return try await second.follow(begun)
                    }
                    one = try await first.follow(one)
                    #expect(one == two)
                    #expect(one.faults.isEmpty)
                    #expect(one.text == Self.pieces.joined())
                    #expect(upstream.requests.count == 1)
                }
            }
        }

        @Test func stopClosesTheUpstream() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withServer(reply(Self.pieces, gate: gate)) { server, upstream in
                try await server.withSocket { socket in
                    let ack = try await socket.ask("Go", provider: "acme")
                    gate.advance(by: 3)
                    var answer = try await socket.follow { $0.text == Self.said(3) }
                    try await socket.send(["type": "ai_chat_cancel", "messageId": ack["messageId"] ?? .null])
                    try await upstream.connectionClosed()
                    answer = try await socket.follow(answer)
                    #expect(answer.terminal?["stopReason"] == "cancelled")
                    #expect(answer.terminal?["chunk"] == .string(Self.said(3)))
                }
            }
        }

        @Test func closingTheSocketDoesNotStopTheRun() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withServer(reply(Self.pieces, gate: gate)) { server, _ in
                let ack = try await server.withSocket { try await $0.ask("Go", provider: "acme") }
                gate.open()
                let id = ack["messageId"]?.string ?? ""
                try await server.http.events("GET", "/api/runs/\(id)/events") { events in
                    let last = try await events.rest().last
                    #expect(last?.json["chunk"] == .string(Self.pieces.joined()))
                }
            }
        }

        @Test func keyGoesToTheProviderOnly() async throws {
            try await withServer(reply(["hi"])) { server, upstream in
                try await server.withSocket { socket in
                    _ = try await socket.ask("Go", provider: "acme")
                    let answer = try await socket.follow()
                    #expect(answer.text == "hi")
                    let models = try await server.http.get("/api/models").text
                    #expect(!models.contains("acme-secret-key"))
                }
                let request = try await upstream.request()
                #expect(request.path == "/v1/chat/completions")
                #expect(request[header: "authorization"] == "Bearer acme-secret-key")
            }
        }
    }
}

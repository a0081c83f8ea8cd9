import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct ProviderFaultTests {
        /// What the upstream does and what the client is told.
        struct Fault: Sendable, CustomTestStringConvertible {
            var name: String
            var reply: ScriptedUpstream.Reply
            var code: String
            var text = ""
            var calls = 1

            var testDescription: String { name }
        }

        private static let cut = EndToEnd.reply(["some ", "text"])

        static let faults = [
            Fault(name: "401", reply: .json(status: 401), code: "provider_auth"),
            Fault(name: "404", reply: .json(status: 404), code: "provider_model_not_found"),
            Fault(name: "429 for a minute", reply: .rateLimited(retryAfterSeconds: 60), code: "provider_rate_limited"),
            Fault(name: "500", reply: .json(status: 500), code: "provider_unavailable", calls: 3),
            Fault(name: "reset", reply: .earlyReset, code: "provider_unavailable", calls: 3),
            Fault(name: "garbage", reply: .garbage, code: "provider_protocol"),
            Fault(name: "endless line", reply: .endlessLine, code: "provider_protocol"),
            Fault(
                name: "reset in mid-answer", reply: cut.replacingLast(3, with: .reset), code: "provider_unavailable",
                text: "some text"),
            Fault(
                name: "early end", reply: cut.replacingLast(3, with: .lastChunk), code: "provider_protocol",
                text: "some text"),
        ]

        @Test(arguments: faults)
        func faultIsToldAndTextKept(fault: Fault) async throws {
            try await withServer(fault.reply) { server, upstream in
                try await server.withSocket { socket in
                    _ = try await socket.ask("Go", provider: "acme")
                    let answer = try await socket.follow()
                    #expect(answer.faults.isEmpty)
                    #expect(answer.terminal?["type"] == "ai_chat_error")
                    #expect(answer.terminal?["code"] == .string(fault.code))
                    #expect(answer.text == fault.text)
                    #expect(upstream.requests.count == fault.calls)
                    let path = "/api/conversations/\(answer.conversationID)/messages"
                    let stored = try await server.http.get(path).json["items"]?[1]
                    #expect(stored?["status"] == "failed")
                    #expect(stored?["content"] == .string(fault.text))
                    #expect(stored?["error"]?["code"] == .string(fault.code))
                }
            }
        }

        @Test func retryIsTheSameRun() async throws {
            try await withServer(.json(status: 503), reply(["fine"])) { server, upstream in
                try await server.withSocket { socket in
                    _ = try await socket.ask("Go", provider: "acme")
                    let answer = try await socket.follow()
                    #expect(answer.text == "fine")
                    #expect(answer.terminal?["type"] == "ai_chat_response")
                    #expect(upstream.requests.count == 2)
                }
            }
        }

        @Test func waitThatIsToldIsPassedOn() async throws {
            try await withServer(.rateLimited(retryAfterSeconds: 60)) { server, _ in
                try await server.withSocket { socket in
                    _ = try await socket.ask("Go", provider: "acme")
                    let answer = try await socket.follow()
                    #expect(answer.terminal?["retryAfterMs"] == 60_000)
                    #expect(answer.terminal?["retryable"] == true)
                }
            }
        }
    }
}

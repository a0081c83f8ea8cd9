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
            Fault(
                name: "429 for a second", reply: .rateLimited(retryAfterSeconds: 1), code: "provider_rate_limited",
                calls: 3
            ),
            Fault(
                name: "502 in HTML", reply: .response(status: 502, pieces: ["<html>Bad Gateway</html>"]),
                code: "provider_unavailable", calls: 3),
            Fault(
                name: "HTML",
                reply: .response(
                    headers: [("content-type", "text/html")], pieces: ["<html>Sign in to the network</html>"]),
                code: "provider_protocol"),
            Fault(name: "endless head", reply: .endlessHead, code: "provider_protocol"),
            Fault(name: "garbage", reply: .garbage, code: "provider_protocol"),
            Fault(name: "endless line", reply: .endlessLine, code: "provider_protocol"),
            Fault(
                name: "reset in mid-answer", reply: cut.replacingLast(3, with: .reset), code: "provider_unavailable",
                text: "some text"),
            Fault(
                name: "broken JSON", reply: cut.replacingLast(3, with: .chunk("data: {\"choices\":[{\n\n"), .lastChunk),
                code: "provider_protocol", text: "some text"),
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

        /// Legal, and nothing a parser should stumble over: comments, other events, every kind of line end, characters in
        /// pieces.
        @Test(arguments: ["\n", "\r\n", "\r"])
        func oddStreamsAreReadWhole(lineEnd: String) async throws {
            let pieces = ["Grüße, ", "👩‍👩‍👧‍👦 und ", "日本語", " – fin"]
            var lines = [": hello", "", "event: odd", "data: {\"x\":[1,2]}", "id: 7", "retry: 10", ""]
            for event in EndToEnd.events(pieces) { lines += [":", "data:\(event)", "", ""] }
            lines += ["data: {\"choices\":[{\"index\":0,\"delta\":{},", "data: \"finish_reason\":\"stop\"}]}", ""]
            lines += ["data: [DONE]", "", ""]
            let bytes = Array(lines.joined(separator: lineEnd).utf8)
            try await withServer(.sse(recorded: bytes).written(in: 1)) { server, _ in
                try await server.withSocket { socket in
                    _ = try await socket.ask("Go", provider: "acme")
                    let answer = try await socket.follow()
                    #expect(answer.faults.isEmpty)
                    #expect(answer.text == pieces.joined())
                    #expect(answer.terminal?["chunk"] == .string(pieces.joined()), "\(answer.terminal?.text ?? "")")
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

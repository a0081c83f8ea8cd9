import Foundation
import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct ProcessTests {
        private static let pieces = (0..<30).map { "piece \($0) " }

        /// The text of the first pieces. Neighbours that arrive together share a number, so numbers do not count pieces.
        private static func said(_ count: Int) -> String { pieces.prefix(count).joined() }

        @Test func killedInMidAnswerNothingSeenIsLost() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withScratchDirectory { directory in
                try await withScriptedUpstream(reply(Self.pieces, gate: gate)) { upstream in
                    let environment = acme(upstream)
                    let seen = try await ServerProcess.run(in: directory, environment: environment) { server in
                        try await server.withSocket { socket in
                            _ = try await socket.ask("Remember me", provider: "acme", requestID: "r1")
                            gate.advance(by: 20)
                            let seen = try await socket.follow { $0.text == Self.said(20) }
                            server.signal(SIGKILL)
                            _ = try await server.status()
                            return seen
                        }
                    }
                    try await ServerProcess.run(in: directory, environment: environment) { server in
                        try await expectKept(seen, by: server)
                        #expect(upstream.requests.count == 1)
                    }
                }
            }
        }

        private func expectKept(_ seen: TestAnswer, by server: ServerProcess) async throws {
            let messages = try await server.http.get("/api/conversations/\(seen.conversationID)/messages")
            #expect(messages.json["items"]?[0]?["content"] == "Remember me")
            let stored = messages.json["items"]?[1]
            #expect(stored?["status"] == "interrupted")
            #expect(stored?["content"]?.string?.hasPrefix(seen.text) == true)
            #expect(try await server.http.get("/api/runs").json["items"] == [])
            try await server.withSocket { socket in
                try await socket.send([
                    "type": "stream_subscribe", "conversationId": .string(seen.conversationID),
                    "messageId": .string(seen.messageID), "afterSeq": .integer(seen.seq),
                ])
                let answer = try await socket.follow(seen)
                #expect(answer.terminal?["code"] == "interrupted")
                #expect(answer.text.hasPrefix(seen.text))
                // The same request is the same run, also now.
                let ack = try await socket.ask("Remember me", provider: "acme", requestID: "r1")
                #expect(ack["messageId"] == .string(seen.messageID))
            }
        }

        @Test func termLetsAnswersEnd() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withServer(reply(Self.pieces, gate: gate)) { server, _ in
                try await server.withSocket { socket in
                    _ = try await socket.ask("Go", provider: "acme")
                    gate.advance(by: 3)
                    var answer = try await socket.follow { $0.text == Self.said(3) }
                    server.signal(SIGTERM)
                    _ = try await socket.next("server:draining")
                    #expect(try await server.http.get("/ready").status == 503)
                    gate.open()
                    answer = try await socket.follow(answer)
                    #expect(answer.text == Self.pieces.joined())
                    #expect(try await socket.closeCode() == 1012)
                }
                #expect(try await server.status() == 0)
            }
        }

        @Test func secondTermEndsAtOnce() async throws {
            try await withServer(reply(["a"], gate: ScriptedUpstream.Gate())) { server, _ in
                try await server.withSocket { socket in
                    _ = try await socket.ask("Go", provider: "acme")
                    server.signal(SIGTERM)
                    _ = try await socket.next("server:draining")
                    server.signal(SIGTERM)
                    #expect(try await server.status() == 143)
                }
            }
        }

        @Test func drainTimeIsKept() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withServer(reply(["a", "b"], gate: gate), environment: ["DRAIN_SECONDS": "0"]) { server, _ in
                try await server.withSocket { socket in
                    _ = try await socket.ask("Go", provider: "acme")
                    gate.advance()
                    var answer = try await socket.follow { $0.text == "a" }
                    server.signal(SIGTERM)
                    answer = try await socket.follow(answer)
                    #expect(answer.terminal?["code"] == "interrupted")
                }
                #expect(try await server.status() == 0)
            }
        }

        @Test func conversationIsThereAfterARestart() async throws {
            try await withScratchDirectory { directory in
                let id = try await ServerProcess.run(in: directory, environment: ["SS_DEMO": "1"]) { server in
                    let ack = try await server.withSocket { socket in
                        let ack = try await socket.ask("Say this", provider: "demo")
                        _ = try await socket.follow()
                        return ack
                    }
                    server.signal(SIGTERM)
                    #expect(try await server.status() == 0)
                    return ack["conversationId"]?.string ?? ""
                }
                try await ServerProcess.run(in: directory) { server in
                    let messages = try await server.http.get("/api/conversations/\(id)/messages").json["items"]
                    #expect(messages?[1]?["content"] == "Say this")
                }
            }
        }

        @Test(arguments: [
            ("HOST", "0.0.0.0"), ("PORT", "x"), ("AUTH_MODE", "open"), ("OIDC_ISSUER", "https://id.example"),
            ("DATABASE_URL", "postgres://u:p@h/d"),
            ("REDIS_URL", "redis://h:x"), ("REDIS_TLS_CA", "/x"), ("LOG_FORMAT", "xml"), ("DRAIN_SECONDS", "-1"),
            ("PUBLIC_URL", "x"),
            ("SS_PROVIDERS", "[{}]"),
            (
                "SS_PROVIDERS",
                #"[{"name":"a","wire":"openai-chat","baseURL":"https://a.example/v1","proxy":"nonsense://b:1"}]"#
            ),
            ("SS_DATA_DIR", "/proc/nope"),
            ("SS_CONFIG", "/dev/null/x"), ("SS_GUESTS", "2"),
        ])
        func badSettingStopsTheStart(variable: String, value: String) async throws {
            try await withScratchDirectory { directory in
                let error = await #expect(throws: ServerProcess.NotStarted.self) {
                    // A database elsewhere would be made first.
                    let environment = [variable: value].merging(variable == "SS_DATA_DIR" ? ["DATABASE_URL": ""] : [:])
                    { $1 }
                    try await ServerProcess.run(in: directory, environment: environment) { _ in }
                }
                #expect(error?.status == 2)
                #expect(error?.complaint.hasPrefix("ss-server: \(variable): ") == true)
                #expect(error?.complaint.split(separator: "\n").count == 1)
            }
        }

        @Test func flagsWinOverEnvironmentOverFile() async throws {
            try await withScratchDirectory { directory in
                let config = "\(directory)/config.json"
                try Data(#"{"SS_DEMO": true, "LOG_LEVEL": "nonsense", "DRAIN_SECONDS": 1}"#.utf8)
                    .write(to: URL(fileURLWithPath: config))
                try await ServerProcess.run(
                    in: directory, environment: ["LOG_LEVEL": "more nonsense"],
                    arguments: ["--config", config, "--log-level", "error"]
                ) { server in
                    let models = try await server.http.get("/api/models").json["items"]?.array ?? []
                    #expect(models.contains { $0["provider"] == "demo" })
                }
            }
        }

        @Test func secondServerOnTheSameDataIsRefused() async throws {
            try await withScratchDirectory { directory in
                try await ServerProcess.run(in: directory) { _ in
                    let error = await #expect(throws: ServerProcess.NotStarted.self) {
                        try await ServerProcess.run(in: directory) { _ in }
                    }
                    #expect(error?.complaint.split(separator: "\n").count == 1)
                }
            }
        }
    }
}

import Foundation
import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    /// Secrets planted in every way in are nowhere they do not belong.
    @Suite struct PlantedSecretTests {
        /// Unlike anything else, so that finding it means it leaked.
        private static func plant(_ name: String) -> String { "PLANTED-\(name)-7f3a9c51" }

        private static let headers = [
            "Authorization": "Bearer \(plant("bearer"))", "Cookie": "ss_session=\(plant("cookie"))",
            "X-Custom": plant("field"), "Sec-Fetch-Site": "same-origin",
        ]

        /// A provider that repeats the key it was given in its errors.
        private static func upstream(_ request: ScriptedUpstream.Request) -> ScriptedUpstream.Reply {
            guard request.method == "POST" else {
                return .response(pieces: [#"{"data":[{"id":"m"}]}"#])
            }
            let key = request.headers.first { $0.name.lowercased() == "authorization" }?.value ?? ""
            guard String(decoding: request.body, as: UTF8.self).contains("fail") else {
                return reply([plant("answer")])
            }
            return .response(status: 401, pieces: [#"{"error":{"message":"Incorrect API key provided: \#(key)"}}"#])
        }

        private static func leaks(in text: String) -> [Substring] {
            text.ranges(of: "PLANTED").map { text[$0.lowerBound...].prefix(30) }
        }

        @Test(arguments: ["text", "json"])
        func nothingIsLogged(format: String) async throws {
            try await withScratchDirectory { directory in
                try await withScriptedUpstream(script: { request, _ in Self.upstream(request) }) { upstream in
                    var environment = acme(upstream)
                    environment["SS_PROVIDERS"] = environment["SS_PROVIDERS"]?
                        .replacing("acme-secret-key", with: Self.plant("operator-key"))
                    environment.merge([
                        "LOG_LEVEL": "trace", "LOG_FORMAT": format, "OPENAI_API_KEY": Self.plant("openai-key"),
                        "OPENAI_BASE_URL": upstream.url + "/v1",
                    ]) { $1 }
                    try await ServerProcess.run(in: directory, environment: environment) { server in
                        try await Self.useEverything(of: server)
                        server.signal(SIGTERM)
                        #expect(try await server.status() == 0)
                        let log = try await server.log()
                        #expect(!log.isEmpty)
                        #expect(Self.leaks(in: log) == [])
                    }
                    try Self.checkFiles(in: directory)
                }
            }
        }

        private static func useEverything(of server: ServerProcess) async throws {
            let http = server.http
            let saved = try await http.send(
                "PUT", "/api/keys/acme?key=\(plant("query"))", headers: headers,
                json: ["key": .string(plant("user-key")), "label": "mine"])
            #expect(saved.status == 200)
            #expect(leaks(in: saved.text) == [])
            for path in ["/api/keys", "/api/models", "/api/usage", "/openapi.json", "/ready"] {
                #expect(leaks(in: try await http.get(path, headers: headers).text) == [], "\(path)")
            }
            // Refused in every way, with something planted in each.
            for body in [#"{"prompt": "\#(plant("body"))"}"#, #"{"prompt": "\#(plant("broken"))"#] {
                let bytes = Array(body.utf8)
                let refused = try await http.send(
                    "POST", "/api/chat", headers: ["Content-Type": "application/json"], body: bytes)
                #expect(refused.status == 400)
                #expect(leaks(in: refused.text) == [])
            }
            _ = try await http.get("/\(plant("path"))?token=\(plant("query"))")
            _ = try await http.get("/api/conversations/\(plant("id"))")
            _ = try? await TestWebSocket.connect(
                to: server.port, path: "/ws?token=\(plant("query"))",
                headers: ["Sec-WebSocket-Protocol": "simplestream.v1, bearer.\(plant("subprotocol"))"]
            ) { socket in
                _ = try await socket.next("session:ready")
                try await socket.send(text: plant("no json"))
                #expect(leaks(in: try await socket.next("error").text) == [])
                try await socket.send([
                    "type": "ai_chat_request", "conversationId": "new-chat", "prompt": .string(plant("prompt")),
                    "systemPrompt": .string(plant("system")), "provider": "acme", "model": "m",
                    "metadata": ["note": .string(plant("metadata"))],
                ])
                let answer = try await socket.follow()
                #expect(answer.text == plant("answer"))
                for provider in ["acme", "openai"] {
                    _ = try await socket.ask("fail \(plant("prompt"))", provider: provider, model: "m")
                    let failed = try await socket.follow()
                    #expect(failed.terminal?["code"] == "provider_auth")
                    #expect(leaks(in: failed.terminal?.text ?? "") == [])
                }
            }
        }

        /// Keys lie in no file of ours; what users wrote does, that is what the files are for.
        private static func checkFiles(in directory: String) throws {
            for path in try FileManager.default.subpathsOfDirectory(atPath: directory) {
                guard let data = FileManager.default.contents(atPath: "\(directory)/\(path)") else { continue }
                for name in ["user-key", "operator-key", "openai-key", "bearer", "cookie", "query", "metadata"] {
                    #expect(data.range(of: Data(plant(name).utf8)) == nil, "\(name) is in \(path)")
                }
            }
        }

        @Test func aCrashSaysNothing() async throws {
            try await withScratchDirectory { directory in
                try await withScriptedUpstream(script: { request, _ in Self.upstream(request) }) { upstream in
                    var environment = acme(upstream)
                    environment["SS_PROVIDERS"] = environment["SS_PROVIDERS"]?
                        .replacing("acme-secret-key", with: Self.plant("operator-key"))
                    environment["OPENAI_API_KEY"] = Self.plant("openai-key")
                    // As the documentation tells operators: a backtrace shows memory that registers point at.
                    environment["SWIFT_BACKTRACE"] = "enable=no"
                    try await ServerProcess.run(in: directory, environment: environment) { server in
                        try await server.withSocket { socket in
                            _ = try await socket.ask(Self.plant("prompt"), provider: "acme")
                            _ = try await socket.follow()
                            server.signal(SIGABRT)
                            #expect(try await server.status() == -SIGABRT)
                        }
                        #expect(Self.leaks(in: try await server.log()) == [])
                    }
                }
            }
        }
    }
}

import Foundation
import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    /// Where a user's key goes while the operator moves a provider about.
    @Suite struct UserKeyTests {
        private static let key = "sk-users-own-key-0123456789"
        private static let chat: JSONValue = [
            "conversationId": "new-chat", "prompt": "Hello", "provider": "openai", "model": "gpt-5.5",
        ]

        /// A server that takes every key and answers no prompt.
        private static func answer(_ request: ScriptedUpstream.Request) -> ScriptedUpstream.Reply {
            request.method == "GET"
                ? .json(#"{"object":"list","data":[{"id":"gpt-5.5","object":"model"}]}"#)
                : .json(#"{"error":{"message":"No.","type":"invalid_request_error"}}"#, status: 400)
        }

        private static func settings(_ place: ScriptedUpstream?) -> [String: String] {
            var settings = ["OPENAI_API_KEY": "sk-operators-key-0123456789", "SS_TITLES": "off"]
            settings["OPENAI_BASE_URL"] = place.map { $0.url + "/v1" }
            return settings
        }

        private func keys(seenBy upstream: ScriptedUpstream, of method: String) -> Set<String> {
            Set(upstream.requests.filter { $0.method == method }.map { $0[header: "authorization"] ?? "" })
        }

        @Test func aKeyGoesWhereTheOperatorHasPutTheProvider() async throws {
            try await withScriptedUpstream(script: { request, _ in Self.answer(request) }) { first in
                try await withScriptedUpstream(script: { request, _ in Self.answer(request) }) { second in
                    try await withScratchDirectory { directory in
                        try await ServerProcess.run(in: directory, environment: Self.settings(first)) { server in
                            let saved = try await server.http.send(
                                "PUT", "/api/keys/openai", json: ["key": .string(Self.key)])
                            #expect(saved.status == 200)
                            #expect(saved.json["verdict"] == "valid")
                            // Where the operator has put it is not told.
                            #expect(saved.json["baseURL"] == nil)
                            _ = try await server.http.send("POST", "/api/chat", json: Self.chat)
                            #expect(keys(seenBy: first, of: "POST") == ["Bearer \(Self.key)"])
                        }
                        // Elsewhere now: the key was not saved for that.
                        try await ServerProcess.run(in: directory, environment: Self.settings(second)) { server in
                            let answer = try await server.http.send("POST", "/api/chat", json: Self.chat)
                            #expect(String(decoding: answer.body, as: UTF8.self).contains("ai_chat_error"))
                            let verdict = try await server.http.send("POST", "/api/keys/openai/validate")
                            #expect(verdict.json["verdict"] != "valid")
                            let shown = try await server.http.get("/api/keys").json["items"]?[0]
                            #expect(shown?["provider"] == "openai")
                            #expect(shown?["baseURL"] == nil)
                            #expect(!second.requests.contains { $0[header: "authorization"] == "Bearer \(Self.key)" })
                        }
                    }
                }
            }
        }
    }
}

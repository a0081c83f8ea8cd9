import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    /// Clients that ask for more than they may have, all at once, at a server that runs.
    @Suite struct RunAttackTests {
        /// How many ask at the same moment.
        private static let crowd = 12

        private static func request(
            _ prompt: String, conversationID: JSONValue = "new-chat", requestID: String? = nil
        ) -> JSONValue {
            var event: JSONValue = [
                "type": "ai_chat_request", "conversationId": conversationID, "prompt": .string(prompt),
                "provider": "acme",
            ]
            event["requestId"] = requestID.map(JSONValue.string)
            return event
        }

        /// What each of a crowd is told first: an ack, or an error's code.
        private func answers(
            to requests: [JSONValue], at server: ServerProcess
        ) async throws -> [(code: String, messageID: String?)] {
            try await withThrowingTaskGroup(of: (String, String?).self) { group in
                for request in requests {
                    group.addTask {
                        try await server.withSocket { socket in
                            try await socket.send(request)
                            while true {
                                guard case .text(let event) = try await socket.next() else { return ("closed", nil) }
                                switch event["type"]?.string {
                                case "ai_chat_ack": return ("ack", event["messageId"]?.string)
                                case "error": return (event["code"]?.string ?? "", nil)
                                default: continue
                                }
                            }
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }

        @Test func oneRequestSentByManyIsOneRun() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withServer(reply(["a"], gate: gate)) { server, upstream in
                let same = [JSONValue](repeating: Self.request("Go", requestID: "r"), count: Self.crowd)
                let answers = try await answers(to: same, at: server)
                #expect(answers.allSatisfy { $0.code == "ack" })
                #expect(Set(answers.map(\.messageID)).count == 1)
                gate.open()
                let id = answers.first?.messageID ?? ""
                try await server.http.events("GET", "/api/runs/\(id)/events") { events in
                    let last = try await events.rest().last
                    #expect(last?.json["chunk"] == "a")
                }
                #expect(upstream.requests.count == 1)
                #expect(try await server.http.get("/api/conversations").json["items"]?.array?.count == 1)
            }
        }

        @Test func oneOfManyRequestsTakesTheirID() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withServer(reply(["a"], gate: gate)) { server, upstream in
                let different = (0..<Self.crowd).map { Self.request("Go \($0)", requestID: "r") }
                let answers = try await answers(to: different, at: server)
                #expect(answers.count { $0.code == "ack" } == 1)
                #expect(answers.count { $0.code == "idempotency_conflict" } == Self.crowd - 1)
                gate.open()
                let id = answers.compactMap(\.messageID).first ?? ""
                try await server.http.events("GET", "/api/runs/\(id)/events") { events in
                    let last = try await events.rest().last
                    #expect(last?.type == "ai_chat_response")
                }
                #expect(upstream.requests.count == 1)
                #expect(try await server.http.get("/api/conversations").json["items"]?.array?.count == 1)
            }
        }

        @Test func oneOfManyGetsTheBranch() async throws {
            let gate = ScriptedUpstream.Gate()
            try await withServer(reply(["a"]), reply(["b"], gate: gate)) { server, upstream in
                let conversation = try await server.withSocket { socket in
                    let ack = try await socket.ask("Go", provider: "acme")
                    _ = try await socket.follow()
                    return ack["conversationId"] ?? .null
                }
                let requests = (0..<Self.crowd).map { Self.request("More \($0)", conversationID: conversation) }
                let answers = try await answers(to: requests, at: server)
                #expect(answers.count { $0.code == "ack" } == 1)
                #expect(answers.count { $0.code == "conversation_busy" } == Self.crowd - 1)
                gate.open()
                let id = answers.compactMap(\.messageID).first ?? ""
                try await server.http.events("GET", "/api/runs/\(id)/events") { events in
                    let last = try await events.rest().last
                    #expect(last?.json["chunk"] == "b")
                }
                #expect(upstream.requests.count == 2)
                let messages = try await server.http.get(
                    "/api/conversations/\(conversation.string ?? "")/messages"
                ).json["items"]
                #expect(messages?.array?.count == 4)
            }
        }

        @Test func noMoreRunsAndMessagesThanAllowed() async throws {
            let gate = ScriptedUpstream.Gate()
            for (environment, code, allowed) in [
                (["RUNS_PER_USER": "2"], "rate_limited", 2), (["FREE_MESSAGES_PER_DAY": "3"], "quota_exceeded", 3),
            ] {
                try await withServer(reply(["a"], gate: gate), environment: environment) { server, upstream in
                    let requests = (0..<Self.crowd).map { Self.request("Go \($0)") }
                    let answers = try await answers(to: requests, at: server)
                    #expect(answers.count { $0.code == "ack" } == allowed, "\(environment)")
                    #expect(answers.count { $0.code == code } == Self.crowd - allowed, "\(environment)")
                    #expect(
                        try await server.http.get("/api/conversations").json["items"]?.array?.count == allowed)
                    gate.open()
                    for id in answers.compactMap(\.messageID) {
                        try await server.http.events("GET", "/api/runs/\(id)/events") { events in
                            let last = try await events.rest().last
                            #expect(last?.type == "ai_chat_response")
                        }
                    }
                    #expect(upstream.requests.count == allowed, "\(environment)")
                }
            }
        }
    }
}

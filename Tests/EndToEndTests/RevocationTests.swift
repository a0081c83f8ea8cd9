import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    /// What is taken back on one node lets nobody in on another, and what is open there closes.
    ///
    /// It starts its own two servers on PostgreSQL and Redis, so one pass of CI is enough.
    @Suite(
        .enabled(if: TestServices.given == nil && PostgresServer.isAvailable && RedisServer.isAvailable),
        .timeLimit(.minutes(3)))
    struct RevocationTests {
        enum Way: CaseIterable {
            case signOut, revokedToken, deletedAccount
        }

        /// What is the matter with Redis, which tells the other node.
        enum Trouble {
            case none
            /// Connections are refused.
            case down
            /// Connections stay and nobody answers.
            case hanging
        }

        private static let cases: [(Way, Trouble)] =
            Way.allCases.map { ($0, .none) } + [(.signOut, .down), (.revokedToken, .hanging), (.deletedAccount, .down)]

        @Test(arguments: cases)
        func whatIsOpenElsewhereCloses(way: Way, trouble: Trouble) async throws {
            try await withNodes { nodes in
                let user = try await User(way, at: nodes.one)
                // Another browser of the same user stays signed in, unless the account is gone.
                let other = try await GitHubAccount.signIn(at: nodes.one)
                try await nodes.two.withSocket(headers: ["Cookie": other, "Sec-Fetch-Site": "same-origin"]) {
                    bystander in
                    let id = try await seeItEnd(for: user, way, trouble, nodes)
                    try await expectNobody(user, nodes.two)
                    if way == .deletedAccount {
                        #expect(try await bystander.closeCode() == 4003)
                        return
                    }
                    // The run is the user's, not the socket's.
                    try await bystander.send([
                        "type": "stream_subscribe", "conversationId": id.conversation, "messageId": id.message,
                    ])
                    nodes.gate.open()
                    let answer = try await bystander.follow()
                    #expect(answer.text == "seen unseen")
                    #expect(answer.terminal?["type"] == "ai_chat_response")
                    #expect(answer.faults == [])
                }
            }
        }

        /// Asks on node two, follows there by socket and event stream, and takes the credential back on node one.
        private func seeItEnd(
            for user: User, _ way: Way, _ trouble: Trouble, _ nodes: Nodes
        ) async throws -> (conversation: JSONValue, message: JSONValue) {
            try await nodes.two.withSocket(headers: user.credential) { socket in
                let ack = try await socket.ask("Hello", provider: "acme", model: "m")
                let (conversation, message) = (ack["conversationId"], ack["messageId"])
                nodes.gate.advance()
                #expect(try await socket.next("ai_chat_chunk")["chunk"] == "seen ")
                let path = "/api/runs/\(message?.string ?? "")/events"
                try await nodes.two.http.events("GET", path, headers: user.credential) { events in
                    var shown = ""
                    // Notices come first.
                    while shown.isEmpty { shown = try #require(await events.next()).json["chunk"]?.string ?? "" }
                    #expect(shown == "seen ")
                    switch trouble {
                    case .none: break
                    case .down: await nodes.redis.kill()
                    case .hanging: nodes.redis.pause()
                    }
                    let status = try await user.end(way, at: nodes.one)
                    #expect(status == 204)
                    #expect(try await socket.closeCode() == 4003)
                    #expect(try await socket.next() == .end)
                    let rest = try await events.rest()
                    // Of a deleted run those who still listen may hear that it ended, and nothing they had not seen.
                    let isQuiet = rest.allSatisfy { event in
                        way == .deletedAccount && event.json["stopReason"] == "cancelled"
                            && event.json["chunk"] == "seen "
                    }
                    #expect(isQuiet, "\(rest.map(\.json.text))")
                }
                return (try #require(conversation), try #require(message))
            }
        }

        /// Neither a request nor a socket gets in with what was taken back.
        private func expectNobody(_ user: User, _ node: ServerProcess) async throws {
            // Counters out of reach refuse before anybody is asked who they are.
            let refusals = [401, 503]
            for path in ["/api/auth/session", "/api/conversations"] {
                let status = try await node.http.get(path, headers: user.credential).status
                #expect(refusals.contains(status), "\(path)")
            }
            do {
                try await TestWebSocket.connect(to: node.port, headers: user.credential) { socket in
                    let end = try await socket.next()
                    #expect(end == .close(4001))
                }
            } catch let refused as TestWebSocket.Refused {
                #expect(refused.response.status == 503)
            }
        }

        // MARK: Who and where

        private struct User {
            /// What everything that is to end came with.
            var credential: [String: String]
            /// A browser, to end it with.
            let browser: [String: String]
            var tokenID = ""

            init(_ way: Way, at node: ServerProcess) async throws {
                browser = ["Cookie": try await GitHubAccount.signIn(at: node), "Sec-Fetch-Site": "same-origin"]
                credential = browser
                guard way == .revokedToken else { return }
                let token = try await node.http.send(
                    "POST", "/api/tokens", headers: browser, json: ["name": "t", "scopes": ["chat", "read"]]
                ).json
                tokenID = try #require(token["id"]?.string)
                credential = ["Authorization": "Bearer \(try #require(token["token"]?.string))"]
            }

            /// The status of the answer.
            func end(_ way: Way, at node: ServerProcess) async throws -> Int {
                switch way {
                case .signOut:
                    try await node.http.send("POST", "/api/auth/sign-out", headers: browser, json: [:]).status
                case .revokedToken:
                    try await node.http.send("DELETE", "/api/tokens/\(tokenID)", headers: browser).status
                case .deletedAccount: try await node.http.send("DELETE", "/api/account", headers: browser).status
                }
            }
        }

        private struct Nodes {
            let one: ServerProcess
            let two: ServerProcess
            let redis: RedisServer
            /// Lets the answer go on: once for what is seen, then to its end.
            let gate: ScriptedUpstream.Gate
        }

        private func withNodes(_ body: (Nodes) async throws -> Void) async throws {
            let gate = ScriptedUpstream.Gate()
            try await withScriptedUpstream(
                script: { request, _ in
                    request.path.hasPrefix("/v1/")
                        ? reply(["seen ", "unseen"], gate: gate) : GitHubAccount.answer(request)
                }
            ) { upstream in
                try await withScratchDirectory { directory in
                    try await RedisServer.run { redis in
                        try await PostgresServer.withScratchDatabase { url in
                            var settings = EndToEnd.acme(upstream).merging(GitHubAccount.settings(upstream)) { $1 }
                            settings["DATABASE_URL"] = url
                            settings["REDIS_URL"] = redis.url
                            settings["ENCRYPTION_KEY"] = String(repeating: "5a", count: 32)
                            settings["LOCAL_BASE_URL"] = "http://127.0.0.1:1/v1"
                            try await ServerProcess.runTwo(in: directory, environment: settings) { one, two in
                                try await body(Nodes(one: one, two: two, redis: redis, gate: gate))
                            }
                        }
                    }
                }
            }
        }
    }
}

import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

/// Rates, caps and quotas, as clients meet them.
@Suite struct LimitTests {
    /// Counters nobody can reach.
    private struct BrokenCounters: Counters {
        func take(
            _ amount: Int, from key: String, limit: Int, per window: Duration
        ) async throws(ChatError) -> CounterAnswer {
            throw ChatError(.storageUnavailable, "Limits cannot be counted now.")
        }

        func giveBack(_ amount: Int, to key: String) async throws(ChatError) {}
    }

    private static let question: JSONValue = [
        "type": "ai_chat_request", "conversationId": "new-chat", "prompt": "Hello", "provider": "scripted",
        "model": "script-1",
    ]

    @Test func anAddressHasSoManyRequests() async throws {
        try await ChatServer.run {
            $0.clients.requestsPerAddress = .perHour(3)
        } _: { server in
            for _ in 0..<3 { #expect(try await server.http.get("/api/models").status == 200) }
            let refused = try await server.http.get("/api/models")
            #expect(refused.status == 429)
            #expect(refused.errorCode == "rate_limited")
            #expect(Int(refused.headers["retry-after"] ?? "").map { 1...3600 ~= $0 } == true)
            #expect(refused.json["error"]?["retryAfterMs"]?.int.map { 1...3_600_000 ~= $0 } == true)
            let socket = await #expect(throws: TestWebSocket.Refused.self) {
                try await TestWebSocket.connect(to: server.port) { _ in }
            }
            #expect(socket?.response.status == 429)
            // Whoever watches the server is not counted, nor is what it has in memory for everybody.
            for path in ["/health", "/ready", "/metrics", "/openapi.json", "/", "/assets/app.js"] {
                for _ in 0..<5 { #expect(try await server.http.get(path).status == 200, "\(path)") }
            }
        }
    }

    @Test func whatAClientSaysOfItsAddressCountsOnlyFromAProxyOfOurs() async throws {
        for (proxies, status) in [(["127.0.0.1"], 200), ([], 429)] {
            try await ChatServer.run(trustedProxies: proxies) {
                $0.clients.requestsPerAddress = .perHour(1)
            } _: { server in
                for address in ["192.0.2.1", "192.0.2.2"] {
                    let headers = ["X-Forwarded-For": address]
                    let response = try await server.http.get("/api/models", headers: headers)
                    #expect(response.status == (address == "192.0.2.1" ? 200 : status))
                }
                // A client that puts itself first is still the last one.
                let headers = ["X-Forwarded-For": "198.51.100.7, 192.0.2.1"]
                #expect(try await server.http.get("/api/models", headers: headers).status == 429)
            }
        }
    }

    @Test func aBrokenCounterRefuses() async throws {
        try await ChatServer.run(counters: BrokenCounters()) {
            $0.clients.answersPerUser = .perMinute(9)
        } _: { server in
            try await server.withSocket { socket in
                try await socket.send(Self.question)
                #expect(try await socket.next("error")["code"] == "storage_unavailable")
            }
            #expect(try await server.http.send("POST", "/api/chat", json: Self.question).status == 503)
            #expect(server.provider.callCount == 0)
            #expect(try await server.http.get("/api/conversations").json["items"] == [])
            #expect(try await server.http.get("/health").status == 200)
        }
    }

    @Test func answersHaveARate() async throws {
        try await ChatServer.run {
            $0.clients.answersPerUser = .perHour(1)
        } _: { server in
            try await server.withSocket { socket in
                try await socket.send(Self.question)
                _ = try await socket.next("ai_chat_ack")
                try await socket.send(Self.question)
                let error = try await socket.next("error")
                #expect(error["code"] == "rate_limited")
                #expect((error["retryAfterMs"]?.int ?? 0) > 0)
            }
            #expect(try await server.http.send("POST", "/api/chat", json: Self.question).errorCode == "rate_limited")
        }
    }

    @Test func freeMessagesEndWhateverTheClientClaims() async throws {
        try await ChatServer.run(usage: UsageLimits(messagesPerDay: 1)) { server in
            try await server.withSocket { socket in
                try await socket.send(Self.question)
                _ = try await socket.next("ai_chat_ack")
                try await server.provider.nextCall().finish()
                _ = try await socket.next("ai_chat_response")
                for claim in ["hasProviderConfigured", "isDefaultProvider"] {
                    var question = Self.question
                    question[claim] = true
                    try await socket.send(question)
                    let error = try await socket.next("error")
                    #expect(error["code"] == "quota_exceeded")
                    #expect((error["retryAfterMs"]?.int ?? 0) > 0)
                }
            }
            let refused = try await server.http.send("POST", "/api/chat", json: Self.question)
            #expect(refused.status == 429)
            #expect(refused.errorCode == "quota_exceeded")
            #expect((refused.json["error"]?["retryAfterMs"]?.int ?? 0) > 0)
            let quota = try await server.http.get("/api/usage").json["quotas"]?[0]
            #expect(quota?["unit"] == "messages")
            #expect([quota?["limit"], quota?["used"], quota?["remaining"]] == [1, 1, 0])
            let models = try await server.http.get("/api/models").json["items"]?.array ?? []
            #expect(models.first?["keySource"] == "operator")
            #expect(try await server.http.get("/api/conversations").json["items"]?.array?.count == 1)
        }
    }

    @Test func guestsCountAsThemselvesAndByTheirAddress() async throws {
        let usage = UsageLimits(messagesPerDay: 25, guestMessagesPerDay: 1)
        try await AccountServer.run(trustedProxies: ["127.0.0.1"], usage: usage) { server in
            func answer(_ browser: TestBrowser, at address: String) async throws -> TestConnection.Response {
                var browser = browser
                return try await browser.send(
                    "POST", "/api/chat", json: Self.question, headers: ["X-Forwarded-For": address])
            }
            let (guest, other) = (try await server.guest(), try await server.guest())
            async let first = answer(guest, at: "192.0.2.1")
            try await server.server.provider.nextCall().finish()
            #expect(try await first.status == 200)
            // Elsewhere it is the same guest; here another guest has the same address.
            for (browser, address) in [(guest, "192.0.2.2"), (other, "192.0.2.1")] {
                let refused = try await answer(browser, at: address)
                #expect(refused.status == 429)
                #expect(refused.errorCode == "quota_exceeded")
            }
            async let second = answer(other, at: "192.0.2.2")
            try await server.server.provider.nextCall().finish()
            #expect(try await second.status == 200)
        }
    }

    @Test func guestsAreToldTheirOwnLimit() async throws {
        let usage = UsageLimits(messagesPerDay: 25, guestMessagesPerDay: 10)
        try await AccountServer.run(usage: usage) { server in
            func told(_ browser: TestBrowser) async throws -> (JSONValue?, [JSONValue?]) {
                var browser = browser
                let limits = try await TestWebSocket.connect(to: server.server.port, headers: browser.headers) {
                    socket in
                    try await socket.next("session:ready")["limits"]
                }
                let quotas = try await browser.get("/api/usage").json["quotas"]?.array ?? []
                return (limits?["freeMessagesPerDay"], quotas.map { $0["limit"] })
            }
            let guest = try await told(server.guest())
            #expect(guest.0 == 10)
            #expect(guest.1 == [10])
            let member = try await told(server.signedIn())
            #expect(member.0 == 25)
            #expect(member.1 == [25])
        }
    }

    @Test func limitsAreTold() async throws {
        try await ChatServer.run(usage: UsageLimits(messagesPerDay: 25), runsPerUser: 4) {
            $0.clients = .accounts
        } _: { server in
            try await TestWebSocket.connect(to: server.port) { socket in
                let limits = try await socket.next("session:ready")["limits"]
                let expected: [(String, Int)] = [
                    ("messageBytes", 1 << 20), ("messagesPerSecond", 20), ("bodyBytes", 2 << 20), ("runs", 4),
                    ("sockets", 8), ("subscriptions", 256), ("promptBytes", 2 << 20), ("historyMessages", 1000),
                    ("attachments", 32), ("attachmentBytes", 20 << 20), ("requestsPerMinute", 600),
                    ("answersPerMinute", 60), ("freeMessagesPerDay", 25),
                ]
                for (name, value) in expected { #expect(limits?[name] == .integer(value), "\(name)") }
            }
        }
    }

    @Test func aUserHasSoManyRuns() async throws {
        try await ChatServer.run(runsPerUser: 1) { server in
            try await server.withSocket { socket in
                try await socket.send(Self.question)
                _ = try await socket.next("ai_chat_ack")
                try await socket.send(Self.question)
                #expect(try await socket.next("error")["code"] == "rate_limited")
            }
        }
    }

    @Test func aSocketFollowsSoManyConversations() async throws {
        try await ChatServer.run {
            $0.clients.subscriptionsPerSocket = 1
        } _: { server in
            var ids: [JSONValue] = []
            for _ in 0..<2 {
                let ticket = try await server.chat.send(
                    ChatRequest("Hello", provider: "scripted", model: "script-1"), of: "local")
                ids.append(.string(ticket.conversationID))
            }
            try await server.withSocket { [ids] socket in
                try await socket.send(["type": "stream_subscribe", "conversationId": ids[0]])
                _ = try await socket.next("stream:snapshot")
                try await socket.send(["type": "stream_subscribe", "conversationId": ids[1]])
                #expect(try await socket.next("error")["code"] == "rate_limited")
                try await socket.send(["type": "stream_unsubscribe", "conversationId": ids[0]])
                try await socket.send(["type": "stream_subscribe", "conversationId": ids[1]])
                _ = try await socket.next("stream:snapshot")
            }
        }
    }

    // MARK: Connections

    @Test(.timeLimit(.minutes(5))) func anAddressHasSoManyConnections() async throws {
        try await ChatServer.run {
            $0.clients.connectionsPerAddress = 2
        } _: { server in
            try await TestConnection.connect(to: server.port) { first in
                let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
                try await first.send(request)
                #expect(try await first.readResponse().status == 200)
                try await server.withSocket { socket in
                    for _ in 0..<3 {
                        try await TestConnection.connect(to: server.port) { third in
                            let answer = try await third.readToEnd()
                            #expect(answer.isEmpty)
                        }
                    }
                    // Who is in stays in.
                    try await socket.send(["type": "ping", "t": 1])
                    #expect(try await socket.next("pong")["t"] == 1)
                    try await first.send(request)
                    let metrics = try await first.readResponse().text
                    #expect(metrics.contains("ss_connections 2.0\n"))
                    #expect(metrics.contains("ss_connections_refused_total 3.0\n"))
                }
            }
            // Their places are free as soon as the server has seen them go.
            while (try? await server.http.get("/health").status) != 200 { await Task.yield() }
        }
    }

    @Test func connectionsOfAProxyAreNotCounted() async throws {
        try await ChatServer.run(trustedProxies: ["127.0.0.1"]) {
            $0.clients.connectionsPerAddress = 1
        } _: { server in
            try await server.withSocket { _ in
                try await server.withSocket { _ in
                    let health = try await server.http.get("/health")
                    #expect(health.status == 200)
                }
            }
        }
    }

    @Test func socketsOfNobodyCountAgainstTheirAddress() async throws {
        try await ChatServer.run {
            $0.clients.socketsPerAddress = 1
        } _: { server in
            try await server.withSocket { _ in
                let refused = await #expect(throws: TestWebSocket.Refused.self) {
                    try await TestWebSocket.connect(to: server.port, path: "/ws?id=someone") { _ in }
                }
                #expect(refused?.response.status == 429)
            }
        }
    }
}

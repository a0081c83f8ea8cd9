import Foundation
import SimpleStreamKit
import TestSupport
import Testing

/// With `--server`, against a server of which each byte is scripted.
@Suite struct CLIServerTests {
    private static func frame(_ type: String, _ more: JSONValue, id: Int? = nil) -> String {
        var json: JSONValue = [
            "type": .string(type), "conversationId": "c1", "messageId": "m1", "userId": "u", "provider": "acme",
            "model": "big",
        ]
        for member in more.object?.members ?? [] { json[member.key] = member.value }
        if let id { json["seq"] = .integer(id) }
        return (id.map { "id: \($0)\n" } ?? "") + "data: \(json.text)\n\n"
    }

    private static let ack = frame("ai_chat_ack", ["userMessageId": "p1", "createdAt": 0])

    private static func chunk(_ text: String, _ seq: Int) -> String {
        frame("ai_chat_chunk", ["chunk": .string(text), "done": false], id: seq)
    }

    private static func end(_ text: String, _ seq: Int, _ reason: String = "stop") -> String {
        frame(
            "ai_chat_response",
            [
                "chunk": .string(text), "stopReason": .string(reason), "done": true, "usage": 3,
                "usageDetail": ["inputTokens": 1, "outputTokens": 2],
            ], id: seq)
    }

    private static func events(_ pieces: String..., then steps: ScriptedUpstream.Reply.Step...)
        -> ScriptedUpstream.Reply
    {
        .head(
            headers: [("content-type", "text/event-stream"), ("connection", "close")]
        ).appending([.bytes(Array(pieces.joined().utf8))] + (steps.isEmpty ? [.close] : steps))
    }

    @Test func resumesWithoutGapOrRepeat() async throws {
        try await withScriptedUpstream(
            Self.events(Self.ack, Self.chunk("one ", 1), Self.chunk("two ", 2), then: .reset),
            .earlyReset,
            Self.events(Self.chunk("two ", 2), Self.chunk("three ", 3), then: .close),
            Self.events(Self.chunk("four", 4), Self.end("one two three four", 5))
        ) { server in
            try await withCLIHome { home in
                let result = try await home.run(
                    "hi", "-m", "acme/big", "--server", server.url, "-s", "short", "--effort", "low", "--web-search",
                    "--near", "Lisbon, PT", set: ["SS_TOKEN": "tok-1"])
                #expect(result.output == "one two three four\n")
                #expect(result.errors == "")
                #expect(result.status == 0)
                let requests = server.requests
                #expect(requests.map(\.method) == ["POST", "GET", "GET", "GET"])
                #expect(requests.map(\.path) == ["/api/chat"] + Array(repeating: "/api/runs/m1/events", count: 3))
                #expect(requests.map { $0[header: "last-event-id"] } == [nil, "2", "2", "3"])
                #expect(requests.allSatisfy { $0[header: "authorization"] == "Bearer tok-1" })
                let body = try JSONValue(parsing: try #require(requests.first).body)
                #expect(body["conversationId"] == "new-chat")
                #expect(body["prompt"] == "hi")
                #expect(body["provider"] == "acme")
                #expect(body["model"] == "big")
                #expect(body["systemPrompt"] == "short")
                #expect(body["reasoningEffort"] == "low")
                #expect(body["location"] == ["city": "Lisbon", "country": "PT"])
                #expect(body["requestId"]?.string?.isEmpty == false)
            }
        }
    }

    @Test func asksAgainUnderTheSameIdWhenTheAnswerNeverBegan() async throws {
        try await withScriptedUpstream(
            Self.events(then: .close), Self.events(Self.ack, Self.chunk("ok", 1), Self.end("ok", 2))
        ) { server in
            try await withCLIHome { home in
                let result = try await home.run("hi", "-m", "acme/big", "--server", server.url)
                #expect(result.output == "ok\n")
                let ids = try server.requests.map { try JSONValue(parsing: $0.body)["requestId"]?.string }
                #expect(ids.count == 2 && ids[0] == ids[1] && ids[0] != nil)
            }
        }
    }

    @Test func takesASnapshotForWhatItMissed() async throws {
        let snapshot = Self.frame(
            "stream:snapshot", ["seq": 7, "text": "one two three ", "status": "streaming"])
        try await withScriptedUpstream(
            Self.events(Self.ack, Self.chunk("one ", 1), then: .close),
            Self.events(snapshot, Self.chunk("four", 8), Self.end("one two three four", 9))
        ) { server in
            try await withCLIHome { home in
                let result = try await home.run("hi", "-m", "acme/big", set: ["SS_SERVER": server.url + "/"])
                #expect(result.output == "one two three four\n")
            }
        }
    }

    @Test func stopsTheRunOfTheServer() async throws {
        let stopped = ScriptedUpstream.Gate()
        try await withScriptedUpstream { request, _ in
            guard request.path == "/api/chat" else {
                stopped.advance()
                return .response(status: 204)
            }
            return Self.events(
                Self.ack, Self.chunk("partial ", 1), then: .gate(stopped),
                .bytes(Array(Self.end("partial ", 2, "cancelled").utf8)), .close)
        } test: { server in
            try await withCLIHome { home in
                let process = try home.start("hi", "-m", "acme/big", "--server", server.url)
                await process.output.contains("partial ")
                process.send(SIGINT)
                let result = try await process.result()
                #expect(result.status == 130)
                #expect(result.output == "partial \n")
                #expect(server.requests.last?.path == "/api/runs/m1/cancel")
            }
        }
    }

    @Test func followsARunFromItsBeginning() async throws {
        try await withScriptedUpstream(
            Self.events(Self.chunk("all ", 1), Self.chunk("of it", 2), Self.end("all of it", 3))
        ) { server in
            try await withCLIHome { home in
                let result = try await home.run("attach", "m1", "--server", server.url, "--json")
                #expect(try JSONValue(parsing: result.output)["text"] == "all of it")
                #expect(server.requests.first?[header: "last-event-id"] == nil)
            }
        }
    }

    static let refusals: [(status: Int, code: String, exit: Int32)] = [
        (400, "invalid_request", 7), (401, "unauthenticated", 3), (404, "not_found", 7), (409, "conversation_busy", 7),
        (429, "rate_limited", 5), (429, "quota_exceeded", 5), (413, "payload_too_large", 7), (500, "internal", 1),
        (503, "storage_unavailable", 6), (503, "draining", 6), (400, "no_provider_key", 3),
    ]

    @Test(arguments: refusals.indices) func tellsRefusalsApart(_ index: Int) async throws {
        let refusal = Self.refusals[index]
        let body = #"{"error":{"code":"\#(refusal.code)","message":"The server's words.","requestId":"r"}}"#
        try await withScriptedUpstream(.json(body, status: refusal.status)) { server in
            try await withCLIHome { home in
                let result = try await home.run("hi", "-m", "acme/big", "--server", server.url, "--json")
                #expect(result.status == refusal.exit)
                #expect(result.errors.contains("The server's words."))
                #expect(try JSONValue(parsing: result.output)["error"]?["code"]?.string == refusal.code)
            }
        }
    }

    @Test func sharesEverythingWithARealServer() async throws {
        let gate = ScriptedUpstream.Gate()
        let reply = ScriptedUpstream.Reply.sse(events: [ChatCompletions.text("seen ")], gate: gate)
            .replacingLast(with: .hold)
        try await withScriptedUpstream(reply) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let settings = home.environment.merging(["SS_DEMO": "1"]) { $1 }
                let server = try ChildProcess(["--port", "0"], of: "ss-server", environment: settings)
                defer { server.send(SIGKILL) }
                let port = try #require(await server.announcedPort())
                let url = "http://127.0.0.1:\(port)"
                let flag = ["SS_SERVER": url, "SS_DEMO": "1"]
                #expect(try await home.run("over the wire", "-m", "demo/echo", set: flag).output == "over the wire\n")
                let running = try home.start("go", "-m", "local/tiny", set: flag)
                gate.open()
                await running.output.contains("seen ")
                let runs = try await home.run("runs", "--json", set: flag)
                let id = try #require(try JSONValue(parsing: runs.output)[0]?["messageId"]?.string)
                // Without --server, on the same file: another process's run is stopped through it.
                #expect(try await home.run("stop", id).status == 0)
                let stopped = try await running.result()
                #expect(stopped.output == "seen \n")
                #expect(stopped.status == 130)
                for list in [["logs", "--json"], ["models", "--json"], ["keys", "--json"]] {
                    let own = try await ChildProcess(list, of: "ss-cli", environment: settings).result()
                    let servers = try await ChildProcess(list, of: "ss-cli", environment: settings.merging(flag) { $1 })
                        .result()
                    #expect(own.status == 0)
                    #expect(try JSONValue(parsing: own.output) == JSONValue(parsing: servers.output))
                }
            }
        }
    }

    @Test func takesTheServersOptionsBeforeASubcommand() async throws {
        let orders = [
            ["--server", "URL", "--token", "tok-1", "logs", "--json"],
            ["--token=tok-1", "--server=URL", "logs", "--json"],
            ["--token=tok-1", "logs", "--json", "--server", "URL"],
        ]
        try await withScriptedUpstream(.json(#"{"items": []}"#)) { server in
            try await withCLIHome { home in
                for words in orders {
                    let arguments = words.map { $0.replacing("URL", with: server.url) }
                    let result = try await ChildProcess(arguments, of: "ss-cli", environment: home.environment).result()
                    #expect(result.status == 0, "\(words): \(result.errors)")
                    #expect(try JSONValue(parsing: result.output) == [])
                    #expect(server.requests.last?[header: "authorization"] == "Bearer tok-1")
                }
                #expect(server.requests.allSatisfy { $0.path.hasPrefix("/api/conversations") })
                #expect(server.requests.count == orders.count)
            }
        }
    }

    @Test func tellsARejectedTokenFromNone() async throws {
        let body = #"{"error":{"code":"unauthenticated","message":"Who are you?"}}"#
        try await withScriptedUpstream(.json(body, status: 401)) { server in
            try await withCLIHome { home in
                let result = try await home.run("logs", "--server", server.url, "--token", "tok-verysecret")
                #expect(result.status == 4)
                #expect(!result.errors.contains("verysecret"))
            }
        }
    }

    @Test func sendsATokenOverNoOpenNetwork() async throws {
        try await withCLIHome { home in
            let result = try await home.run("logs", "--server", "http://chat.example.com", "--token", "tok")
            #expect(result.status == 3)
            #expect(result.errors.contains("https"))
            let wrong = try await home.run("logs", "--server", "chat.example.com")
            #expect(wrong.status == 3)
            #expect(wrong.errors.contains("http://127.0.0.1:4000"))
        }
    }

    @Test func tellsAServerThatIsDownFromAStranger() async throws {
        try await withCLIHome { home in
            let result = try await home.run("hi", "-m", "a/b", "--server", "http://127.0.0.1:1")
            #expect(result.status == 6)
        }
        try await withScriptedUpstream(.response(pieces: ["<html>"])) { server in
            try await withCLIHome { home in
                let result = try await home.run("models", "--server", server.url)
                #expect(result.status == 9)
                #expect(result.errors.contains("no ss-server"))
            }
        }
    }

    @Test func readsListsPageByPage() async throws {
        let pages: [ScriptedUpstream.Reply] = [
            .json(#"{"items":[{"id":"c2","title":"Two","updatedAt":"2026-01-02T03:04:05.678Z"}],"nextCursor":"a b"}"#),
            .json(#"{"items":[{"id":"c1","title":"One\u001b[2J","updatedAt":"2026-01-02T03:04:05.678Z"}]}"#),
        ]
        try await withScriptedUpstream(pages[0], pages[1]) { server in
            try await withCLIHome { home in
                let result = try await home.run("logs", "-q", "ö&x", "--server", server.url)
                #expect(result.lines.count == 3)
                #expect(result.lines.last == "c1  2026-01-02 03:04  One␛[2J")
                #expect(
                    server.requests.map(\.path) == [
                        "/api/conversations?limit=20&q=%C3%B6%26x",
                        "/api/conversations?limit=20&q=%C3%B6%26x&cursor=a%20b",
                    ])
            }
        }
    }
}

extension ScriptedUpstream.Reply {
    fileprivate func appending(_ steps: [Step]) -> Self { Self(self.steps + steps) }
}

import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

/// Nobody reaches anything of somebody else's: for every route and every event a foreign id answers exactly like one that
/// does not exist, and changes nothing.
@Suite struct TwoUserTests {
    /// What Ann has, by the name of the path's variable part.
    fileprivate struct Owned: Sendable {
        var conversation = ""
        var prompt = ""
        var answer = ""
        var attachment = ""
        var token = ""
        var share = ""
        var runningConversation = ""
        var running = ""
    }

    /// How a route is tried.
    private enum Case: Sendable {
        /// Its path, with somebody else's ids and with unknown ones; and a body.
        case foreign(@Sendable (Owned) -> [String: String], body: JSONValue = [:])
        /// It names nothing: what it answers to Bob must hold nothing of Ann's.
        case own(body: JSONValue = [:])
        /// A list of one's own below such a path: empty for Bob.
        case empty([String: String])
        /// Its body names things.
        case body(@Sendable (Owned) -> JSONValue)
        /// Tried by tests of its own.
        case elsewhere
    }

    private static let cases: [String: Case] = [
        "GET /health": .own(), "GET /ready": .own(), "GET /openapi.json": .own(), "GET /metrics": .own(),
        "GET /api/auth/session": .own(), "GET /api/auth/methods": .own(), "POST /api/auth/anonymous": .own(),
        "POST /api/auth/sign-out": .elsewhere, "GET /api/auth/github": .elsewhere,
        "GET /api/auth/github/callback": .elsewhere, "GET /api/auth/oidc": .elsewhere,
        "GET /api/auth/oidc/callback": .elsewhere, "POST /api/auth/device": .elsewhere,
        "POST /api/auth/device/token": .elsewhere, "POST /api/auth/device/lookup": .elsewhere,
        "POST /api/auth/device/decide": .elsewhere,
        "GET /api/tokens": .own(), "POST /api/tokens": .own(body: ["name": "bob's"]),
        "DELETE /api/tokens/{id}": .foreign { ["id": $0.token] },
        "GET /api/audit": .own(), "GET /api/account/export": .own(), "DELETE /api/account": .elsewhere,
        "GET /api/models": .own(), "GET /api/providers": .own(),
        "GET /api/keys": .own(), "PUT /api/keys/{provider}": .elsewhere,
        "DELETE /api/keys/{provider}": .foreign { _ in ["provider": "scripted"] },
        "POST /api/keys/{provider}/validate": .foreign { _ in ["provider": "scripted"] },
        "POST /api/keys/{provider}/default": .foreign { _ in ["provider": "scripted"] },
        "GET /api/keys/{provider}/uses": .empty(["provider": "scripted"]),
        "POST /api/keys/{provider}/reveal": .foreign { _ in ["provider": "scripted"] },
        "GET /api/conversations": .own(),
        "GET /api/conversations/{id}": .foreign { ["id": $0.conversation] },
        "PATCH /api/conversations/{id}": .foreign({ ["id": $0.conversation] }, body: ["title": "stolen"]),
        "DELETE /api/conversations/{id}": .foreign { ["id": $0.conversation] },
        "GET /api/conversations/{id}/messages": .foreign { ["id": $0.conversation] },
        "GET /api/conversations/{id}/export": .foreign { ["id": $0.conversation] },
        "POST /api/conversations/{id}/share": .foreign { ["id": $0.conversation] },
        "DELETE /api/conversations/{id}/share": .foreign { ["id": $0.conversation] },
        // A link is for everybody who has it.
        "GET /api/shared/{token}": .elsewhere,
        "PATCH /api/messages/{id}": .foreign({ ["id": $0.answer] }, body: ["liked": true]),
        "GET /api/runs": .own(), "POST /api/runs/{id}/cancel": .foreign { ["id": $0.running] },
        "GET /api/runs/{id}/events": .foreign { ["id": $0.running] },
        "POST /api/chat": .body { owned in
            ["conversationId": .string(owned.conversation), "provider": "scripted", "prompt": "mine now"]
        },
        "POST /api/attachments": .elsewhere,
        "GET /api/attachments/{id}": .foreign { ["id": $0.attachment] },
        "DELETE /api/attachments/{id}": .foreign { ["id": $0.attachment] },
        "GET /api/settings": .own(), "PATCH /api/settings": .own(body: ["b": 1]),
        "GET /api/profile": .own(), "PATCH /api/profile": .own(body: ["b": 1]),
        "GET /api/usage": .own(),
    ]

    private static let unknown = "00000000-0000-7000-8000-000000000000"

    @Test func everyRoute() async throws {
        try await AccountServer.run { server in
            let (ann, owned) = try await makeAnn(server)
            var bob = try await server.signedIn(.init(id: 2, name: "Bob", email: "bob@example.com"))
            let before = try await everything(of: ann)
            for operation in try await Operation.all(server.http) {
                guard let oneCase = Self.cases[operation.name] else {
                    Issue.record("\(operation.name) has no case here: say how somebody else could try it")
                    continue
                }
                switch oneCase {
                case .foreign(let names, let body):
                    let values = names(owned)
                    #expect(!values.values.contains(""), "\(operation.name)")
                    let foreign = try await answer(operation, operation.url(values), body, &bob)
                    let nobodys = values.mapValues { $0 == "scripted" ? $0 : Self.unknown }
                    let missing = try await answer(operation, operation.url(nobodys), body, &bob)
                    #expect(foreign == missing, "\(operation.name)")
                    #expect(foreign.status == 404, "\(operation.name)")
                case .own(let body):
                    let response = try await bob.send(
                        operation.method, operation.path, json: operation.method == "GET" ? nil : body)
                    #expect(response.status < 300, "\(operation.name)")
                    for secret in ["planted", "ann@example.com", owned.conversation, owned.running, owned.attachment] {
                        #expect(!response.text.contains(secret), "\(operation.name) shows \(secret)")
                    }
                case .empty(let names):
                    let response = try await bob.send(operation.method, operation.url(names), json: nil)
                    #expect(response.json["items"] == [], "\(operation.name)")
                case .body(let make):
                    let foreign = try await answer(operation, operation.path, make(owned), &bob)
                    var other = owned
                    other.conversation = Self.unknown
                    let missing = try await answer(operation, operation.path, make(other), &bob)
                    #expect(foreign == missing, "\(operation.name)")
                    #expect(foreign.status == 404)
                case .elsewhere: break
                }
            }
            #expect(try await everything(of: ann) == before)
        }
    }

    /// What a response says, but for the id of its request.
    private struct Answer: Equatable {
        var status: Int
        var body: JSONValue
        var names: Set<String>
    }

    private func answer(
        _ operation: Operation, _ url: String, _ body: JSONValue, _ browser: inout TestBrowser
    ) async throws -> Answer {
        let response = try await browser.send(operation.method, url, json: operation.method == "GET" ? nil : body)
        var value = response.json
        value["error"]?["requestId"] = nil
        return Answer(status: response.status, body: value, names: Set(response.headers.keys))
    }

    @Test func everyEvent() async throws {
        try await AccountServer.run { server in
            let (ann, owned) = try await makeAnn(server)
            let bob = try await server.signedIn(.init(id: 2, name: "Bob", email: "bob@example.com"))
            let before = try await everything(of: ann)
            try await bob.withSocket { socket in
                for (name, event) in Self.events {
                    var answers: [JSONValue] = []
                    for ids in [owned, Owned(allAre: Self.unknown)] {
                        try await socket.send(event(ids))
                        var error = try await socket.next("error")
                        error["requestId"] = nil
                        answers.append(error)
                    }
                    #expect(answers[0] == answers[1], "\(name)")
                    #expect(answers[0]["code"] == "not_found", "\(name)")
                }
                // Nothing Ann does is told to Bob.
                var other = ann
                try await other.send("PATCH", "/api/conversations/\(owned.conversation)", json: ["title": "planted 2"])
                try await other.send(
                    "PATCH", "/api/conversations/\(owned.conversation)", json: ["title": "planted prompt"])
                try await socket.send(["type": "ping", "t": 7])
                while case .text(let event) = try await socket.next() {
                    if event["type"] == "pong" { break }
                    #expect(!event.text.contains("planted"), "\(event.text)")
                }
            }
            #expect(try await everything(of: ann) == before)
            #expect(server.server.provider.callCount == 2)
        }
    }

    private static let events: [(String, @Sendable (Owned) -> JSONValue)] = [
        ("ask in it", { ask(in: $0.conversation) }),
        ("ask under a message of it", { ask(in: $0.conversation, ["parentMessageId": .string($0.prompt)]) }),
        ("answer again", { ask(in: $0.conversation, ["regenerate": .string($0.answer)]) }),
        ("ask with its file", { ask(in: "new-chat", ["attachments": [.string($0.attachment)]]) }),
        ("cancel by message", { ["type": "ai_chat_cancel", "messageId": .string($0.running)] }),
        ("cancel by conversation", { ["type": "ai_chat_cancel", "conversationId": .string($0.runningConversation)] }),
        ("subscribe", { ["type": "stream_subscribe", "conversationId": .string($0.conversation)] }),
        (
            "subscribe to a run",
            {
                [
                    "type": "stream_subscribe", "conversationId": .string($0.runningConversation),
                    "messageId": .string($0.running),
                ]
            }
        ),
        ("typing", { ["type": "typing", "conversationId": .string($0.conversation)] }),
    ]

    private static func ask(in conversationID: String, _ more: JSONValue = [:]) -> JSONValue {
        var event: JSONValue = [
            "type": "ai_chat_request", "conversationId": .string(conversationID), "provider": "scripted",
            "prompt": "mine now",
        ]
        for member in more.object?.members ?? [] { event[member.key] = member.value }
        return event
    }

    // MARK: Ann

    /// A user with one of everything, all of it planted with a word to look for.
    private func makeAnn(_ server: AccountServer) async throws -> (TestBrowser, Owned) {
        var ann = try await server.signedIn()
        var owned = Owned()
        (owned.conversation, owned.answer) = try await server.conversation(
            ann, prompt: "planted prompt", answer: "planted answer")
        owned.prompt =
            try await ann.get("/api/conversations/\(owned.conversation)/messages").json["items"]?[0]?["id"]?.string
            ?? ""
        let upload = try await server.http.send(
            "POST", "/api/attachments?name=planted.txt", headers: ann.headers, body: Array("planted".utf8))
        owned.attachment = upload.json["id"]?.string ?? ""
        try await ann.send("PUT", "/api/keys/scripted", json: ["key": "sk-planted-key-1234", "label": "planted"])
        try await ann.send("PATCH", "/api/settings", json: ["word": "planted"])
        try await ann.send("PATCH", "/api/profile", json: ["word": "planted"])
        owned.token = try await server.token(ann).id
        let share = try await ann.send("POST", "/api/conversations/\(owned.conversation)/share", json: [:])
        owned.share = share.json["url"]?.string?.split(separator: "/").last.map(String.init) ?? ""
        (owned.runningConversation, owned.running) = try await ann.withSocket { socket in
            let ack = try await socket.ask("planted and running", provider: "scripted")
            return (ack["conversationId"]?.string ?? "", ack["messageId"]?.string ?? "")
        }
        // Running as long as the server does.
        try await server.server.provider.nextCall().say(.text("planted words"))
        return (ann, owned)
    }

    /// All Ann can see, but for what the clock or the run changes.
    private func everything(of ann: TestBrowser) async throws -> [String] {
        var ann = ann
        var all: [String] = []
        for path in ["/api/conversations", "/api/keys", "/api/settings", "/api/profile", "/api/runs"] {
            var value = try await ann.get(path).json
            if path == "/api/runs" { value = .array((value["items"]?.array ?? []).map { $0["messageId"] ?? .null }) }
            all.append(value.text)
        }
        for conversation in try await ann.get("/api/conversations").json["items"]?.array ?? [] {
            let id = conversation["id"]?.string ?? ""
            let messages = try await ann.get("/api/conversations/\(id)/messages").json["items"]?.array ?? []
            all += messages.map { "\($0["id"]?.text ?? "") \($0["liked"]?.text ?? "") \($0["status"]?.text ?? "")" }
        }
        let tokens = try await ann.get("/api/tokens").json["items"]?.array ?? []
        all += tokens.compactMap { $0["id"]?.string }
        return all
    }
}

extension TwoUserTests.Owned {
    fileprivate init(allAre id: String) {
        self.init(
            conversation: id, prompt: id, answer: id, attachment: id, token: id, share: id, runningConversation: id,
            running: id)
    }
}

import Foundation
import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

/// Tokens: what each scope opens, and what it does not.
@Suite struct TokenTests {
    @Test func isShownOnceAndHashed() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            let (id, secret) = try await server.token(browser, days: 10)
            #expect(secret.hasPrefix("sst_") && secret.count == 47)
            let list = try await browser.get("/api/tokens")
            #expect(!list.text.contains(secret))
            #expect(list.json["items"]?[0]?["id"]?.string == id)
            #expect(list.json["items"]?[0]?["lastUsedAt"] == .null)
            #expect(try await server.http.get("/api/conversations", headers: bearer(secret)).status == 200)
            #expect(try await browser.get("/api/tokens").json["items"]?[0]?["lastUsedAt"]?.string != nil)
            let stored = try await server.store.tokens(of: server.userID(browser))
            #expect(stored.map(\.tokenHash) == [AccessToken.hash(secret)])
        }
    }

    /// Every endpoint asks for its scope: a token without it is refused, whatever else it has.
    @Test func everyEndpointAsksForItsScope() async throws {
        try await AccountServer.run { server in
            let browser = try await server.signedIn()
            let full = try await server.token(browser, scopes: Self.scopes).secret
            var tried: Set<String> = []
            for scope in Self.scopes {
                let others = Self.scopes.filter { $0 != scope }
                let without = try await server.token(browser, scopes: others).secret
                tried.formUnion(try await refusals(of: without, lacking: scope, at: server))
            }
            tried.formUnion(try await browserOnly(full, at: server))
            #expect(tried == ["chat", "read", "keys", "admin", "browser"])
        }
    }

    private static let scopes = ["chat", "read", "keys", "admin"]

    /// Tries all endpoints that need a scope with a token that has all others.
    private func refusals(
        of token: String, lacking scope: String, at server: AccountServer
    ) async throws -> Set<String> {
        var tried: Set<String> = []
        for operation in try await Operation.all(server.http) where operation.scope == scope {
            let response = try await operation.send(server.http, headers: bearer(token))
            #expect(response.status == 403, "\(operation.name) without \(scope)")
            tried.insert(scope)
        }
        return tried
    }

    /// What only a browser may do, no token may; and nobody may do what needs anything.
    private func browserOnly(_ token: String, at server: AccountServer) async throws -> Set<String> {
        var tried: Set<String> = []
        for operation in try await Operation.all(server.http) where !operation.security.isEmpty {
            let nobody = try await operation.send(server.http, headers: [:])
            #expect(nobody.status == 401, "\(operation.name) without anything")
            guard operation.scope == nil else { continue }
            let response = try await operation.send(server.http, headers: bearer(token))
            #expect(response.status == 403, "\(operation.name)")
            tried.insert("browser")
        }
        return tried
    }

    @Test func socketAsksForScopes() async throws {
        try await AccountServer.run { server in
            let browser = try await server.signedIn()
            let conversation = try await server.conversation(browser)
            let reader = try await server.token(browser, scopes: ["read"]).secret
            let headers = ["Sec-WebSocket-Protocol": "simplestream.v1, bearer.\(reader)"]
            try await TestWebSocket.connect(to: server.http.port, headers: headers) { socket in
                #expect(socket.head.headers["sec-websocket-protocol"] == "simplestream.v1")
                _ = try await socket.next("session:ready")
                try await socket.send([
                    "type": "ai_chat_request", "conversationId": "new-chat", "provider": "scripted", "prompt": "x",
                    "requestId": "r",
                ])
                let error = try await socket.next("error")
                #expect(error["code"] == "forbidden")
                #expect(error["requestId"] == "r")
                try await socket.send(["type": "stream_subscribe", "conversationId": .string(conversation.id)])
                #expect(try await socket.next("ai_chat_response")["chunk"] == "Answer")
            }
            let keys = try await server.token(browser, scopes: ["keys"]).secret
            await #expect(throws: TestWebSocket.Refused.self) {
                try await TestWebSocket.connect(to: server.http.port, headers: bearer(keys)) { _ in }
            }
            #expect(server.server.provider.callCount == 1)
        }
    }

    @Test func givesAwayNoMoreThanItHas() async throws {
        try await AccountServer.run { server in
            let browser = try await server.signedIn()
            let small = try await server.token(browser, scopes: ["admin", "read"], days: 1).secret
            let more: JSONValue = ["name": "n", "scopes": ["chat"]]
            #expect(try await server.http.send("POST", "/api/tokens", headers: bearer(small), json: more).status == 403)
            let longer: JSONValue = ["name": "n", "scopes": ["read"], "expiresInDays": 300]
            let made = try await server.http.send("POST", "/api/tokens", headers: bearer(small), json: longer)
            #expect(made.status == 201)
            let list = try await server.http.get("/api/tokens", headers: bearer(small)).json["items"]?.array ?? []
            #expect(Set(list.compactMap { $0["expiresAt"]?.string }).count == 1)
            // Nobody who is no administrator sees how the server does.
            let ops: JSONValue = ["name": "n", "scopes": ["ops"]]
            var own = browser
            #expect(try await own.send("POST", "/api/tokens", json: ops).status == 403)
            #expect(try await own.send("POST", "/api/tokens", json: ["name": "n", "scopes": ["root"]]).status == 400)
            var guest = try await server.guest()
            #expect(try await guest.send("POST", "/api/tokens", json: ["name": "n"]).status == 403)
        }
    }

    @Test func administratorsGiveAwayOps() async throws {
        try await AccountServer.run(configure: { accounts in
            accounts.administrators = [Identity(issuer: accounts.gitHub?.baseURL ?? "", subject: "1")]
        }) { server in
            let admin = try await server.signedIn(.init(id: 1))
            let token = try await server.token(admin, scopes: ["ops"]).secret
            let proxied = ["X-Forwarded-For": "203.0.113.7"]
            let told = try await server.http.get("/ready", headers: bearer(token).merging(proxied) { $1 })
            #expect(told.json["dependencies"]?["store"] == "up")
            #expect(try await server.http.get("/ready", headers: proxied).json["dependencies"] == nil)
        }
    }

    @Test func revokingEndsItAndItsSockets() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            let (id, secret) = try await server.token(browser)
            try await TestWebSocket.connect(to: server.http.port, headers: bearer(secret)) { socket in
                _ = try await socket.next("session:ready")
                #expect(try await browser.send("DELETE", "/api/tokens/\(id)").status == 204)
                #expect(try await socket.closeCode() == 4003)
            }
            #expect(try await server.http.get("/api/conversations", headers: bearer(secret)).status == 401)
            #expect(try await browser.send("DELETE", "/api/tokens/\(id)").status == 404)
        }
    }

    @Test func endsInTime() async throws {
        try await AccountServer.run { server in
            let browser = try await server.signedIn()
            let user = try await server.userID(browser)
            let secret = AccessToken.make(prefix: "sst_").reveal()
            try await server.store.addToken(
                APIToken(
                    id: UUIDv7.make(), tokenHash: AccessToken.hash(secret), userID: user, name: "n", scopes: [.read],
                    createdAt: server.clock.now(), expiresAt: server.clock.now() + 60))
            #expect(try await server.http.get("/api/conversations", headers: bearer(secret)).status == 200)
            try await TestWebSocket.connect(to: server.http.port, headers: bearer(secret)) { socket in
                _ = try await socket.next("session:ready")
                server.clock.advance(milliseconds: 60_000)
                #expect(try await socket.closeCode() == 4003)
            }
            #expect(try await server.http.get("/api/conversations", headers: bearer(secret)).status == 401)
        }
    }

    @Test(arguments: ["Bearer", "Bearer ", "Basic abc", "bearer sst_wrong", "Bearer a b", "sst_x"])
    func wrongAuthorizationIsNotMadeGoodByACookie(field: String) async throws {
        try await AccountServer.run { server in
            let browser = try await server.signedIn()
            let headers = browser.headers.merging(["Authorization": field]) { $1 }
            #expect(try await server.http.get("/api/conversations", headers: headers).status == 401)
        }
    }

    @Test func aServerWithoutAccountsTakesOtherServicesKeys() async throws {
        try await ChatServer.run { server in
            let others = try await server.http.get("/api/conversations", headers: bearer("sk-anything")).status
            #expect(others == 200)
            let ours = try await server.http.get("/api/conversations", headers: bearer("sst_wrong")).status
            #expect(ours == 401)
            let tokens = try await server.http.get("/api/tokens").json["items"]
            #expect(tokens == [])
            let made = try await server.http.send("POST", "/api/tokens", json: ["name": "x"]).status
            #expect(made == 403)
        }
    }
}

func bearer(_ token: String) -> [String: String] { ["Authorization": "Bearer \(token)"] }

/// One operation of the server's own description.
struct Operation: Sendable {
    let method: String
    let path: String
    let security: [JSONValue]

    var name: String { "\(method) \(path)" }

    /// The scope a token needs; nil when none will do, or everybody may.
    var scope: String? { security.compactMap { $0["token"]?[0]?.string }.first }

    /// Tries it on things that do not exist.
    func send(_ http: TestHTTP, headers: [String: String]) async throws -> TestConnection.Response {
        try await http.send(
            method, url(["id": "x", "provider": "scripted", "token": "x"]), headers: headers, json: [:])
    }

    /// The path with its variable parts filled in.
    func url(_ values: [String: String]) -> String {
        values.reduce(path) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    /// All of them, in their order.
    static func all(_ http: TestHTTP) async throws -> [Operation] {
        let paths = try await http.get("/openapi.json").json["paths"]?.object?.members ?? []
        return paths.flatMap { path in
            (path.value.object?.members ?? []).map { operation in
                Operation(
                    method: operation.key.uppercased(), path: path.key,
                    security: operation.value["security"]?.array ?? [])
            }
        }
    }
}

import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

@Suite struct RouteTests {
    @Test func healthAndReadiness() async throws {
        try await ChatServer.run { server in
            let health = try await server.http.get("/health")
            #expect(health.status == 200)
            #expect(health.json["status"] == "ok")
            #expect(health.json["version"]?.string?.isEmpty == false)
            let ready = try await server.http.get("/ready")
            #expect(ready.status == 200)
            #expect(ready.json["dependencies"]?["store"] == "up")
        }
    }

    @Test func localUser() async throws {
        try await ChatServer.run { server in
            let session = try await server.http.get("/api/auth/session").json
            #expect(session["user"]?["id"] == "local")
        }
    }

    /// Everything the description lists exists, and what its schemas name is there.
    @Test func descriptionIsTrue() async throws {
        try await ChatServer.run { server in
            let document = try await server.http.get("/openapi.json").json
            #expect(document["openapi"] == "3.1.0")
            let paths = try #require(document["paths"]?.object)
            #expect(paths.count > 15)
            for path in paths.members {
                for operation in path.value.object?.members ?? [] {
                    let url = ["id", "provider", "token"].reduce(path.key) {
                        $0.replacing("{\($1)}", with: "nope")
                    }
                    let response = try await server.http.send(
                        operation.key.uppercased(), url, json: .object(JSONObject()))
                    // "There is nothing here." is what a path without endpoint gets.
                    #expect(response.json["error"]?["message"] != "There is nothing here.", "\(operation.key) \(url)")
                }
            }
            let names = Set(document["components"]?["schemas"]?.object?.members.map(\.key) ?? [])
            for part in document.text.split(separator: "#/components/schemas/").dropFirst() {
                let name = String(part.prefix { $0 != "\"" })
                #expect(names.contains(name), "\(name)")
            }
        }
    }

    @Test(arguments: [
        ("POST", "/api/models", "GET, HEAD"), ("DELETE", "/api/chat", "POST"), ("GET", "/api/chat", "POST"),
        ("PUT", "/api/conversations/nope", "DELETE, GET, HEAD, PATCH"), ("OPTIONS", "/api/models", "GET, HEAD"),
        ("GET", "/api/attachments", "POST"), ("POST", "/health", "GET, HEAD"), ("POST", "/openapi.json", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"), ("DELETE", "/assets/app.js", "GET, HEAD"), ("PATCH", "/chat/some-id", "GET, HEAD"),
    ])
    func wrongMethodIsToldTheRightOnes(method: String, path: String, allowed: String) async throws {
        try await ChatServer.run { server in
            let response = try await server.http.send(method, path)
            #expect(response.status == 405)
            #expect(response.headers["allow"] == allowed)
            #expect(response.errorCode == "invalid_request")
            #expect(try await server.http.send("POST", "/api/nothing").status == 404)
            #expect(try await server.http.send("POST", "/assets/nothing.js").status == 404)
        }
    }

    @Test(arguments: ["/nothing", "/api", "/api/", "/api/nothing", "/api/conversations/x/y"])
    func unknownPathIsNotFound(path: String) async throws {
        try await ChatServer.run { server in
            let response = try await server.http.get(path)
            #expect(response.status == 404)
            #expect(response.errorCode == "not_found")
            #expect(response.json["error"]?["requestId"]?.string?.isEmpty == false)
        }
    }

    @Test func modelsSayWhoseKey() async throws {
        try await ChatServer.run { server in
            let models = try await server.http.get("/api/models").json["items"]
            #expect(models?[0]?["id"] == "script-1")
            #expect(models?[0]?["provider"] == "scripted")
            #expect(models?[0]?["available"] == true)
            #expect(models?[0]?["keySource"] == "operator")
        }
    }

    // MARK: Writes

    @Test(arguments: [
        ["Origin": "http://evil.example"], ["Origin": "null"], ["Sec-Fetch-Site": "cross-site"],
        ["Sec-Fetch-Site": "same-site"],
    ])
    func otherPagesDoNotWrite(headers: [String: String]) async throws {
        try await ChatServer.run { server in
            let body: JSONValue = ["conversationId": "new-chat", "provider": "scripted", "prompt": "x"]
            let response = try await server.http.send("POST", "/api/chat", headers: headers, json: body)
            #expect(response.status == 403)
            #expect(response.errorCode == "forbidden")
            #expect(try await server.http.get("/api/conversations", headers: headers).status == 403)
            #expect(server.provider.callCount == 0)
        }
    }

    @Test func ownPageWrites() async throws {
        try await ChatServer.run { server in
            let headers = ["Origin": "http://127.0.0.1:\(server.port)", "Sec-Fetch-Site": "same-origin"]
            let response = try await server.http.send("PATCH", "/api/settings", headers: headers, json: ["a": 1])
            #expect(response.status == 200)
            #expect(response.headers["access-control-allow-origin"] == nil)
        }
    }

    @Test func bodyMustBeJSON() async throws {
        try await ChatServer.run { server in
            let form = ["Content-Type": "text/plain"]
            let plain = try await server.http.send("PATCH", "/api/settings", headers: form, body: Array("{}".utf8))
            #expect(plain.status == 415)
            let json = ["Content-Type": "application/json; charset=utf-8"]
            for body in ["", "{", "[]", "{\"a\":\"\\u0000\"}"] {
                let response = try await server.http.send(
                    "PATCH", "/api/settings", headers: json, body: Array(body.utf8))
                #expect(response.status == 400, "\(body)")
                #expect(response.errorCode == "invalid_request")
            }
            let long = try await server.http.send(
                "PATCH", "/api/settings", headers: ["Content-Type": "application/json", "Content-Length": "3000000"])
            #expect(long.status == 413)
        }
    }

    // MARK: Small documents

    @Test func settingsAreMerged() async throws {
        try await ChatServer.run { server in
            #expect(try await server.http.get("/api/settings").json == .object(JSONObject()))
            try await server.withSocket { socket in
                _ = try await server.http.send("PATCH", "/api/settings", json: ["theme": "dark", "size": 2])
                let notice = try await socket.next("user:settings_updated")
                #expect(notice["changes"]?["theme"] == "dark")
            }
            _ = try await server.http.send("PATCH", "/api/settings", json: ["size": nil, "new": true])
            #expect(try await server.http.get("/api/settings").json == ["theme": "dark", "new": true])
            #expect(try await server.http.get("/api/profile").json == ["shareLocation": false])
            let big = try await server.http.send(
                "PATCH", "/api/settings", json: ["big": .string(String(repeating: "x", count: 70_000))])
            #expect(big.status == 413)
        }
    }

    @Test func usageIsSummed() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                _ = try await socket.ask("Hi", provider: "scripted")
                let call = try await server.provider.nextCall()
                call.say(.text("a"))
                call.finish(usage: TokenUsage(inputTokens: 3, outputTokens: 2))
                _ = try await socket.follow()
            }
            let usage = try await server.http.get("/api/usage").json
            #expect(usage["messages"] == 1)
            #expect(usage["inputTokens"] == 3)
            #expect(usage["items"]?[0]?["provider"] == "scripted")
            #expect(try await server.http.get("/api/usage?to=2020-01-31").json["messages"] == 0)
            #expect(try await server.http.get("/api/usage?from=2020-01-31T10:00:00.000Z").json["messages"] == 1)
            #expect(try await server.http.get("/api/usage?from=yesterday").errorCode == "invalid_request")
        }
    }

    @Test func keysAreNeverShown() async throws {
        try await ChatServer.run { server in
            let secret = "sk-verysecretkey-9876"
            let saved = try await server.http.send(
                "PUT", "/api/keys/scripted", json: ["key": .string(secret), "label": "mine"])
            #expect(saved.status == 200)
            #expect(saved.json["last4"] == "9876")
            let list = try await server.http.get("/api/keys")
            #expect(list.json["items"]?[0]?["provider"] == "scripted")
            #expect(list.json["items"]?[0]?["verdict"] == "valid")
            #expect(!saved.text.contains(secret) && !list.text.contains(secret))
            #expect(try await server.http.get("/api/models").json["items"]?[0]?["keySource"] == "user")
            let verdict = try await server.http.send("POST", "/api/keys/scripted/validate", json: [:])
            #expect(verdict.json["verdict"] == "valid")
            #expect(try await server.http.send("DELETE", "/api/keys/scripted").status == 204)
            #expect(try await server.http.send("DELETE", "/api/keys/scripted").status == 404)
            #expect(try await server.http.send("PUT", "/api/keys/nobody", json: ["key": "x"]).status == 404)
            let plain = try await server.http.send(
                "PUT", "/api/keys/scripted", json: ["key": "x", "baseURL": "http://internal/"])
            #expect(plain.errorCode == "invalid_request")
        }
    }
}

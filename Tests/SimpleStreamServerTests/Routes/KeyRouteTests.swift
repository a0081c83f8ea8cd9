import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

/// Saved keys: which is the default, what they were used for, and who may see them.
@Suite struct KeyRouteTests {
    private static let path = "/api/keys/scripted"
    private static let secret = "sk-planted-0123456789abcdef"

    private func save(_ server: ChatServer) async throws {
        let response = try await server.http.send("PUT", Self.path, json: ["key": .string(Self.secret)])
        #expect(response.status == 200)
    }

    private func ownPage(_ server: ChatServer) -> [String: String] {
        ["Origin": "http://127.0.0.1:\(server.port)"]
    }

    @Test func theFirstKeyIsTheDefault() async throws {
        try await ChatServer.run { server in
            try await save(server)
            let key = try await server.http.get("/api/keys").json["items"]?[0]
            #expect(key?["isDefault"] == true)
            #expect(key?["last4"] == "cdef")
            #expect(key?.text.contains(Self.secret) == false)
            #expect(try await server.http.send("POST", Self.path + "/default").json["isDefault"] == true)
            #expect(try await server.http.send("POST", "/api/keys/nope/default").status == 404)
        }
    }

    @Test func usesAreKnown() async throws {
        try await ChatServer.run { server in
            try await save(server)
            let ticket = try await server.chat.send(
                ChatRequest("Hello", provider: "scripted", model: "script-1"), of: "local")
            let uses = try await server.http.get(Self.path + "/uses").json["items"]?.array
            #expect(uses?.map { $0["messageId"] } == [.string(ticket.messageID)])
            #expect(uses?[0]["usedAt"]?.string?.hasSuffix("Z") == true)
            #expect(try await server.http.get("/api/keys/other/uses").json["items"] == [])
        }
    }

    @Test func revealIsForTheOwnersOwnPage() async throws {
        try await ChatServer.run { server in
            try await save(server)
            let refused: [[String: String]] = [
                [:], ["Origin": "http://evil.example"], ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "none"],
                ["Sec-Fetch-Site": "same-site"], ["Origin": "null"],
            ]
            for headers in refused {
                let response = try await server.http.send("POST", Self.path + "/reveal", headers: headers)
                #expect(response.status == 403, "\(headers)")
                #expect(!response.text.contains(Self.secret))
            }
            let shown = try await server.http.send("POST", Self.path + "/reveal", headers: ownPage(server))
            #expect(shown.status == 200)
            #expect(shown.json["key"] == .string(Self.secret))
            #expect(shown.headers["cache-control"] == "no-store")
            let fetched = try await server.http.send(
                "POST", Self.path + "/reveal", headers: ["Sec-Fetch-Site": "same-origin"])
            #expect(fetched.status == 200)
        }
    }

    @Test func revealsAreFewAndOthersHearOfThem() async throws {
        try await ChatServer.run { server in
            try await save(server)
            try await server.withSocket { socket in
                for _ in 0..<5 {
                    let shown = try await server.http.send("POST", Self.path + "/reveal", headers: ownPage(server))
                    #expect(shown.status == 200)
                    #expect(try await socket.next("user:api_key_updated")["action"] == "revealed")
                }
                let refused = try await server.http.send("POST", Self.path + "/reveal", headers: ownPage(server))
                #expect(refused.status == 429)
                let audited = try await server.chat.store.auditEntries(of: "local", before: nil, limit: 50)
                #expect(audited.map(\.action) == Array(repeating: .keyRevealed, count: 5) + [.keySaved])
                #expect(audited.allSatisfy { $0.detail["provider"] == "scripted" && $0.address == "127.0.0.1" })
                #expect(!refused.text.contains(Self.secret))
                #expect((refused.json["error"]?["retryAfterMs"]?.int ?? 0) > 3_000_000)
            }
        }
    }

    @Test func whatCannotBeWrittenDownIsNotShown() async throws {
        let store = FaultyStore(InMemoryStore())
        try await ChatServer.run(store: store) { server in
            try await save(server)
            store.set(.refuse, for: "recordAudit(_:)")
            let refused = try await server.http.send("POST", Self.path + "/reveal", headers: ownPage(server))
            #expect(refused.status == 503)
            #expect(refused.json["error"]?["code"] == "storage_unavailable")
            #expect(!refused.text.contains(Self.secret))
            #expect(store.failureCount == 1)
            // What is only noted afterwards is done all the same.
            #expect(try await server.http.send("DELETE", Self.path).status == 204)
            #expect(store.failureCount == 2)
        }
    }

    @Test func anUnknownKeyIsNotFound() async throws {
        try await ChatServer.run { server in
            let response = try await server.http.send("POST", "/api/keys/nope/reveal", headers: ownPage(server))
            #expect(response.status == 404)
        }
    }

    @Test func profilesAreCheckedAndKept() async throws {
        try await ChatServer.run(trustedProxies: ["127.0.0.1"]) { server in
            let http = server.http
            #expect(try await http.get("/api/profile").json == ["shareLocation": false])
            let changes: JSONValue = ["country": "pt", "city": "Porto", "locale": "pt-PT", "shareLocation": true]
            let changed = try await http.send("PATCH", "/api/profile", json: changes)
            #expect(changed.json["country"] == "PT")
            let bad = try await http.send("PATCH", "/api/profile", json: ["timeZone": "a b", "city": "Faro"])
            #expect(bad.status == 400)
            #expect(bad.json["error"]?["message"]?.string?.contains("timeZone") == true)
            let seen = ["CF-IPCountry": "DE", "User-Agent": "Browser/1.0\u{9B}"]
            let profile = try await http.get("/api/profile", headers: seen).json
            #expect(profile["city"] == "Porto")
            // What the proxy says is shown, and kept when the user saves it.
            #expect(profile["seen"] == ["country": "DE", "userAgent": "Browser/1.0"])
            #expect(profile["userAgent"] == nil)
            let saved = try await http.send("PATCH", "/api/profile", json: ["userAgent": "Browser/1.0\u{9B}"])
            #expect(saved.json["userAgent"] == "Browser/1.0")
            let stored = try await server.chat.profile(of: "local")
            #expect(stored.userAgent == "Browser/1.0")
        }
    }
}

import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

/// Sessions: their cookie, their end, and what pages of others can do with them.
@Suite struct SessionTests {
    @Test(arguments: [("http://127.0.0.1", false), ("https://chat.example.com", true)])
    func cookieIsForThisServerOnly(publicURL: String, isSecure: Bool) async throws {
        try await AccountServer.run(publicURL: publicURL) { server in
            let response = try await server.http.send("POST", "/api/auth/anonymous", json: [:])
            let cookie = response.headers["set-cookie"] ?? ""
            let parts = cookie.split(separator: "; ").map(String.init)
            #expect(parts.first?.hasPrefix(isSecure ? "__Host-ss_session=" : "ss_session=") == true)
            #expect(parts.contains("HttpOnly") && parts.contains("SameSite=Lax") && parts.contains("Path=/"))
            #expect(parts.contains("Secure") == isSecure)
            #expect(!cookie.contains("Domain"))
            // 256 random bits, which are nowhere in the body.
            let token = String(parts.first?.split(separator: "=").last ?? "")
            #expect([UInt8](base64URL: token)?.count == 32)
            #expect(!response.text.contains(token))
        }
    }

    @Test func onlyTheHashIsStored() async throws {
        try await AccountServer.run { server in
            let browser = try await server.signedIn()
            let token = try #require(browser.session)
            let sessions = try await server.store.sessions(of: server.userID(browser))
            #expect(sessions.map(\.tokenHash) == [AccessToken.hash(token)])
            #expect(sessions[0].tokenHash != token)
        }
    }

    @Test func guestsAreCounted() async throws {
        try await AccountServer.run(configure: { $0.guestsPerAddress = 2 }) { server in
            let guest = try await server.guest()
            // Who has a session keeps it.
            var again = guest
            #expect(try await again.send("POST", "/api/auth/anonymous", json: [:]).status == 200)
            #expect(again.session == guest.session)
            _ = try await server.guest()
            let refused = try await server.http.send("POST", "/api/auth/anonymous", json: [:])
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] != nil)
        }
    }

    @Test func guestsCanBeSwitchedOff() async throws {
        try await AccountServer.run(configure: { $0.allowsGuests = false }) { server in
            let status = try await server.http.send("POST", "/api/auth/anonymous", json: [:]).status
            #expect(status == 403)
        }
    }

    // MARK: The end

    @Test func slidesAndEnds() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            let day = 86_400_000
            // Back every 29 days: alive until the 90th.
            for _ in 0..<3 {
                server.clock.advance(milliseconds: 29 * day)
                #expect(try await browser.get("/api/auth/session").status == 200)
            }
            server.clock.advance(milliseconds: 3 * day)
            #expect(try await browser.get("/api/auth/session").status == 401)
            var idle = try await server.signedIn()
            server.clock.advance(milliseconds: 30 * day)
            #expect(try await idle.get("/api/auth/session").status == 401)
        }
    }

    @Test func signingOutEndsItAndItsSockets() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            let other = try await server.signedIn()
            try await other.withSocket { otherSocket in
                try await browser.withSocket { socket in
                    let before = browser
                    let status = try await browser.send("POST", "/api/auth/sign-out", json: [:]).status
                    #expect(status == 204)
                    #expect(browser.session == nil)
                    let code = try await socket.closeCode()
                    #expect(code == 4003)
                    var copy = before
                    let session = try await copy.get("/api/auth/session").status
                    #expect(session == 401)
                    let list = try await copy.get("/api/conversations").status
                    #expect(list == 401)
                }
                // The same user elsewhere is still signed in.
                try await otherSocket.send(["type": "ping", "t": 1])
                _ = try await otherSocket.next("pong")
            }
        }
    }

    /// What ended without an announcement, as on a node that was out of reach or by expiring, is found.
    @Test(arguments: ["expired", "revoked elsewhere"])
    func socketsOfEndedSessionsAreClosed(how: String) async throws {
        try await AccountServer.run { server in
            let browser = try await server.signedIn()
            let id = try await server.userID(browser)
            try await browser.withSocket { socket in
                if how == "expired" {
                    server.clock.advance(milliseconds: 31 * 86_400_000)
                } else {
                    for session in try await server.store.sessions(of: id) {
                        _ = try await server.store.deleteSession(session.id, of: id)
                    }
                }
                #expect(try await socket.closeCode() == 4003)
            }
        }
    }

    @Test func eventStreamsEndWithTheSession() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            let headers = browser.headers
            let body: JSONValue = ["conversationId": "new-chat", "provider": "scripted", "prompt": "x"]
            try await server.http.events("POST", "/api/chat", headers: headers, json: body) { events in
                let call = try await server.server.provider.nextCall()
                call.say(.text("Hello"))
                _ = try await events.next()
                try await browser.send("POST", "/api/auth/sign-out", json: [:])
                var types: [String] = []
                while let event = try await events.next() { types.append(event.type) }
                #expect(!types.contains("ai_chat_response"))
                // The run is the user's and goes on.
                call.finish()
            }
        }
    }

    // MARK: Sockets

    @Test func nobodyGetsASocket() async throws {
        try await AccountServer.run { server in
            let bearer = ["Sec-WebSocket-Protocol": "simplestream.v1, bearer.sst_wrong"]
            for headers in [
                [:], ["Cookie": "ss_session=\(AccessToken.make().reveal())", "Sec-Fetch-Site": "same-origin"], bearer,
            ] {
                try await TestWebSocket.connect(to: server.http.port, headers: headers) { socket in
                    // It may be closed before.
                    try? await socket.send(["type": "ai_chat_request"])
                    let end = try await socket.next()
                    #expect(end == .close(4001))
                }
            }
            #expect(server.server.provider.callCount == 0)
        }
    }

    @Test func idIsNoCredential() async throws {
        try await AccountServer.run { server in
            let browser = try await server.signedIn()
            let id = try await server.userID(browser)
            try await TestWebSocket.connect(to: server.http.port, path: "/ws?id=\(id)") { socket in
                let end = try await socket.next()
                #expect(end == .close(4001))
            }
            try await TestWebSocket.connect(
                to: server.http.port, path: "/ws?id=\(UUIDv7.make())", headers: browser.headers
            ) { socket in
                let end = try await socket.next()
                #expect(end == .close(4001))
            }
            for header in ["X-User-Id", "X-Forwarded-User"] {
                #expect(try await server.http.get("/api/conversations", headers: [header: id]).status == 401)
            }
            #expect(try await server.http.get("/api/conversations?userId=\(id)").status == 401)
        }
    }

    // MARK: Other sites' pages

    private static let origins: [[String: String]] = [
        [:], ["Origin": "https://evil.example"], ["Origin": "null"], ["Sec-Fetch-Site": "cross-site"],
        ["Sec-Fetch-Site": "same-site"], ["Sec-Fetch-Site": "none"],
        ["Origin": "http://127.0.0.1.evil.example"], ["Origin": "http://localhost"],
        ["Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"],
    ]

    /// Every write with a cookie that does not say it comes from a page of ours.
    @Test(arguments: origins)
    func otherPagesWriteNothing(origin: [String: String]) async throws {
        try await AccountServer.run { server in
            let browser = try await server.signedIn()
            let headers = origin.merging(["Cookie": browser.cookieHeader]) { $1 }
            let paths = [
                ("PATCH", "/api/settings"), ("POST", "/api/chat"), ("POST", "/api/tokens"), ("DELETE", "/api/account"),
                ("POST", "/api/auth/sign-out"), ("POST", "/api/auth/device/decide"), ("PUT", "/api/keys/scripted"),
            ]
            for (method, path) in paths {
                let response = try await server.http.send(method, path, headers: headers, json: [:])
                #expect(response.status == 403, "\(method) \(path)")
            }
            await #expect(throws: TestWebSocket.Refused.self) {
                try await TestWebSocket.connect(to: server.http.port, headers: headers) { _ in }
            }
            var same = browser
            #expect(try await same.get("/api/auth/session").status == 200)
            #expect(try await same.get("/api/settings").json == .object(JSONObject()))
        }
    }

    @Test func twoCookiesAreNone() async throws {
        try await AccountServer.run { server in
            let browser = try await server.signedIn()
            let other = try await server.signedIn(.init(id: 7))
            let cookies = "\(browser.cookieHeader); \(other.cookieHeader)"
            #expect(try await server.http.get("/api/auth/session", headers: ["Cookie": cookies]).status == 401)
        }
    }
}

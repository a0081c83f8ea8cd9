import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamServer

/// Letting programs in that show a code.
@Suite struct DeviceLoginTests {
    private func begin(_ server: AccountServer, scopes: [String]? = nil) async throws -> JSONValue {
        var body: JSONValue = ["clientName": "ss-cli on box"]
        if let scopes { body["scopes"] = .array(scopes.map(JSONValue.string)) }
        return try await server.http.send("POST", "/api/auth/device", json: body).json
    }

    private func poll(_ server: AccountServer, _ codes: JSONValue) async throws -> TestConnection.Response {
        try await server.http.send(
            "POST", "/api/auth/device/token", json: ["deviceCode": codes["deviceCode"] ?? .null])
    }

    @Test func letsAProgramInOnce() async throws {
        try await AccountServer.run { server in
            let codes = try await begin(server)
            let userCode = try #require(codes["userCode"]?.string)
            #expect(codes["verificationURL"] == "http://127.0.0.1/device")
            #expect(try await poll(server, codes).status == 202)
            var browser = try await server.signedIn()
            // However it is typed.
            let typed = userCode.lowercased().replacing("-", with: " ")
            let waiting = try await browser.send("POST", "/api/auth/device/lookup", json: ["userCode": .string(typed)])
            #expect(waiting.json["clientName"] == "ss-cli on box")
            #expect(waiting.json["scopes"] == ["admin", "chat", "keys", "read"])
            let decision: JSONValue = ["userCode": .string(userCode), "approve": true]
            #expect(try await browser.send("POST", "/api/auth/device/decide", json: decision).status == 204)
            #expect(try await browser.send("POST", "/api/auth/device/decide", json: decision).status == 404)
            let token = try await poll(server, codes)
            let secret = try #require(token.json["token"]?.string)
            #expect(token.status == 200)
            #expect(try await poll(server, codes).status == 404)
            let session = try await server.http.get("/api/auth/session", headers: bearer(secret))
            #expect(try await session.json["user"]?["id"]?.string == server.userID(browser))
        }
    }

    @Test func refusedAndLatePrograms() async throws {
        try await AccountServer.run { server in
            let refused = try await begin(server)
            var browser = try await server.signedIn()
            let no: JSONValue = ["userCode": refused["userCode"] ?? .null, "approve": false]
            #expect(try await browser.send("POST", "/api/auth/device/decide", json: no).status == 204)
            #expect(try await poll(server, refused).status == 404)
            let late = try await begin(server)
            server.clock.advance(milliseconds: 600_000)
            let yes: JSONValue = ["userCode": late["userCode"] ?? .null, "approve": true]
            #expect(try await browser.send("POST", "/api/auth/device/decide", json: yes).status == 404)
            #expect(try await poll(server, late).status == 404)
            #expect(try await browser.get("/api/tokens").json["items"] == [])
        }
    }

    @Test func guessesAreCounted() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            var statuses: [Int] = []
            for _ in 0..<12 {
                let guess: JSONValue = ["userCode": .string(DeviceCodes.make())]
                statuses.append(try await browser.send("POST", "/api/auth/device/lookup", json: guess).status)
            }
            #expect(statuses == Array(repeating: 404, count: 10) + [429, 429])
            // Approving counts as a guess, too.
            let codes = try await begin(server)
            let right: JSONValue = ["userCode": codes["userCode"] ?? .null, "approve": true]
            #expect(try await browser.send("POST", "/api/auth/device/decide", json: right).status == 429)
            #expect(try await poll(server, codes).status == 202)
        }
    }

    /// Only a user in a browser lets programs in: no token, no guest, nobody.
    @Test func othersLetNobodyIn() async throws {
        try await AccountServer.run { server in
            let codes = try await begin(server)
            let yes: JSONValue = ["userCode": codes["userCode"] ?? .null, "approve": true]
            let browser = try await server.signedIn()
            let token = try await server.token(browser, scopes: ["chat", "read", "keys", "admin"]).secret
            let path = "/api/auth/device/decide"
            #expect(try await server.http.send("POST", path, headers: bearer(token), json: yes).status == 403)
            #expect(try await server.http.send("POST", path, json: yes).status == 401)
            var guest = try await server.guest()
            #expect(try await guest.send("POST", path, json: yes).status == 403)
            #expect(try await poll(server, codes).status == 202)
        }
    }

    @Test func programsGetNoMoreThanTheyAsk() async throws {
        try await AccountServer.run { server in
            let codes = try await begin(server, scopes: ["read", "ops"])
            var browser = try await server.signedIn()
            let yes: JSONValue = ["userCode": codes["userCode"] ?? .null, "approve": true]
            try await browser.send("POST", "/api/auth/device/decide", json: yes)
            #expect(try await poll(server, codes).json["scopes"] == ["read"])
        }
    }

    @Test(arguments: ["", "ABCD", "BCDF-GHJ1", "BCDF-GHJKL", "ÄBCD-FGHJ", "BCDF--GHJK\0"])
    func strangeCodesAreNone(code: String) async throws {
        if code.contains("\0") { return #expect(DeviceCodes.read(code) == nil) }
        #expect(DeviceCodes.read(code) == nil)
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            let response = try await browser.send(
                "POST", "/api/auth/device/lookup", json: ["userCode": .string(code)])
            #expect(response.status == 404)
        }
    }

    @Test func namesAreShownAsText() async throws {
        try await AccountServer.run { server in
            for name in ["a\u{202E}b", "a\nb", "", " "] {
                let response = try await server.http.send(
                    "POST", "/api/auth/device", json: ["clientName": .string(name)])
                #expect(response.status == 400, "\(name.debugDescription)")
            }
        }
    }
}

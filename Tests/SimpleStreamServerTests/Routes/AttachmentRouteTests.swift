import Foundation
import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

@Suite struct AttachmentRouteTests {
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0]

    @Test func pictureIsKeptAndShown() async throws {
        try await ChatServer.run { server in
            let up = try await server.http.send("POST", "/api/attachments?name=a%2Fb%20%22c.png", body: Self.png)
            #expect(up.status == 201)
            #expect(up.json["mime"] == "image/png")
            #expect(up.json["size"] == .integer(Self.png.count))
            #expect(up.json["name"] == "b \"c.png")
            let path = "/api/attachments/\(up.json["id"]?.string ?? "")"
            let down = try await server.http.get(path)
            #expect(down.body == Self.png)
            #expect(down.headers["content-type"] == "image/png")
            #expect(down.headers["content-disposition"] == "inline; filename*=UTF-8''b%20%22c.png")
            #expect(down.headers["x-content-type-options"] == "nosniff")
            #expect(try await server.http.send("DELETE", path).status == 204)
            #expect(try await server.http.get(path).status == 404)
            #expect(try await server.http.send("DELETE", path).status == 404)
        }
    }

    /// What a browser keeps is shown again only to who may still see it.
    @Test func copiesAreAskedFor() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            let up = try await server.http.send(
                "POST", "/api/attachments?name=a.png", headers: browser.headers, body: Self.png)
            #expect(up.status == 201)
            let path = "/api/attachments/\(up.json["id"]?.string ?? "")"
            let first = try await browser.get(path)
            #expect(first.headers["cache-control"] == "private, no-cache")
            let copy = ["If-None-Match": first.headers["etag"] ?? ""]
            let again = try await browser.get(path, headers: copy)
            #expect(again.status == 304)
            #expect(again.body.isEmpty)
            #expect(try await browser.get(path, headers: ["If-None-Match": "\"other\""]).body == Self.png)
            var other = try await server.signedIn(.init(id: 2))
            #expect(try await other.get(path, headers: copy).status == 404)
            let cookies = browser.headers
            #expect(try await browser.send("POST", "/api/auth/sign-out").status == 204)
            let after = try await server.http.get(path, headers: cookies.merging(copy) { $1 })
            #expect(after.status == 401)
        }
    }

    @Test(arguments: [
        ("<html><script>alert(1)</script>", "text/plain"), ("%PDF-1.7 x", "application/pdf"),
        ("GIF89a x", "image/gif"), ("grüße", "text/plain"),
    ])
    func typeComesFromTheBytes(text: String, type: String) async throws {
        try await ChatServer.run { server in
            let up = try await server.http.send(
                "POST", "/api/attachments", headers: ["Content-Type": "text/html"], body: Array(text.utf8))
            #expect(up.json["mime"] == .string(type))
            let down = try await server.http.get("/api/attachments/\(up.json["id"]?.string ?? "")")
            #expect(down.headers["content-type"]?.hasPrefix(type) == true)
            let isShown = down.headers["content-disposition"]?.hasPrefix("inline") == true
            #expect(isShown == type.hasPrefix("image/"))
        }
    }

    @Test(arguments: [[UInt8](), [0x4D, 0x5A, 0x90, 0x00], [0x41, 0xFF], [0x41, 0xC3], Array("PK\u{3}\u{4}\0".utf8)])
    func otherFilesAreRefused(bytes: [UInt8]) async throws {
        try await ChatServer.run { server in
            let up = try await server.http.send("POST", "/api/attachments", body: bytes)
            #expect(up.status == 415)
        }
    }

    @Test func formsAndLongFilesAreRefused() async throws {
        try await ChatServer.run {
            $0.attachmentBytes = 1000
        } _: { server in
            let form = try await server.http.send(
                "POST", "/api/attachments", headers: ["Content-Type": "multipart/form-data; boundary=x"], body: Self.png
            )
            #expect(form.status == 415)
            let long = try await server.http.send(
                "POST", "/api/attachments", body: Array(repeating: 0x41, count: 1001))
            #expect(long.status == 413)
            #expect(long.errorCode == "payload_too_large")
        }
    }

    @Test func filesFitIntoWhatAUserMayStore() async throws {
        try await ChatServer.run(sizes: SizeLimits(storedBytes: 10_000)) { server in
            let text = Array(repeating: UInt8(0x41), count: 5_000)
            let first = try await server.http.send("POST", "/api/attachments", body: text)
            #expect(first.status == 201)
            let refused = try await server.http.send("POST", "/api/attachments", body: text + [0x41])
            #expect(refused.status == 413)
            #expect(refused.errorCode == "payload_too_large")
            #expect(refused.json["error"]?["message"]?.string?.contains("more than 10000 bytes") == true)
            #expect(refused.headers["retry-after"] == nil, "waiting does not help")
            var storage = try await server.http.get("/api/usage").json["storage"]
            #expect([storage?["used"], storage?["limit"]] == [5_000, 10_000])
            let path = "/api/attachments/\(first.json["id"]?.string ?? "")"
            #expect(try await server.http.send("DELETE", path).status == 204)
            #expect(try await server.http.send("POST", "/api/attachments", body: text + text).status == 201)
            storage = try await server.http.get("/api/usage").json["storage"]
            #expect(storage?["used"] == 10_000)
            try await TestWebSocket.connect(to: server.port) { socket in
                let limits = try await socket.next("session:ready")["limits"]
                #expect(limits?["storedBytes"] == 10_000)
            }
        }
    }

    @Test func withoutALimitNoneIsTold() async throws {
        try await ChatServer.run { server in
            #expect(try await server.http.get("/api/usage").json["storage"] == ["used": 0])
            try await TestWebSocket.connect(to: server.port) { socket in
                let limits = try await socket.next("session:ready")["limits"]
                #expect(limits != nil && limits?["storedBytes"] == nil)
            }
        }
    }

    @Test func guestsStoreLess() async throws {
        let sizes = SizeLimits(storedBytes: 100_000, guestStoredBytes: 5_000)
        try await AccountServer.run(sizes: sizes) { server in
            let body = Array(repeating: UInt8(0x41), count: 5_001)
            let guest = try await server.guest()
            let refused = try await server.http.send("POST", "/api/attachments", headers: guest.headers, body: body)
            #expect(refused.status == 413)
            let account = try await server.signedIn(in: guest)
            let taken = try await server.http.send("POST", "/api/attachments", headers: account.headers, body: body)
            #expect(taken.status == 201)
        }
    }

    /// The server looks for them by itself.
    @Test func aFileNobodySentGoesAfterADay() async throws {
        let clock = ManualClock(Date())
        try await ChatServer.run(store: InMemoryStore(now: clock.now)) {
            $0.sweepInterval = .milliseconds(5)
        } _: { server in
            let up = try await server.http.send("POST", "/api/attachments", body: Self.png)
            let id = up.json["id"]?.string ?? ""
            clock.advance(milliseconds: 86_000_000)
            #expect(try await server.http.get("/api/attachments/\(id)").status == 200)
            clock.advance(milliseconds: 800_000)
            while try await server.http.get("/api/attachments/\(id)").status == 200 {
                try await Task.sleep(for: .milliseconds(5))
            }
            // The bytes go right after what is known of them.
            while (try? await server.chat.blobs.get(id)) != nil { try await Task.sleep(for: .milliseconds(5)) }
        }
    }
}

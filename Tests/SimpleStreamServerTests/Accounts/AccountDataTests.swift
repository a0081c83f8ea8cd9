import Foundation
import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

/// What an account holds: merged, shared, exported, deleted, and what is noted of it.
@Suite struct AccountDataTests {
    // MARK: Guests

    @Test func whatAGuestHasMovesToTheAccount() async throws {
        try await AccountServer.run { server in
            var guest = try await server.guest()
            let guestID = try await server.userID(guest)
            let conversation = try await server.conversation(guest, prompt: "zebra stripes")
            try await guest.send("PUT", "/api/keys/scripted", json: ["key": "sk-guests-own-key-1234"])
            try await guest.send("PATCH", "/api/settings", json: ["theme": "dark"])
            // An account that exists already and has things of its own.
            let before = try await server.signedIn()
            let id = try await server.userID(before)
            try await guest.withSocket { socket in
                let browser = try await server.signedIn(in: guest)
                #expect(try await server.userID(browser) == id)
                #expect(try await socket.closeCode() == 4003)
            }
            var account = before
            #expect(try await account.get("/api/conversations/\(conversation.id)").status == 200)
            let found = try await account.get("/api/conversations?q=zebra").json["items"]?.array
            #expect(found?.compactMap { $0["id"]?.string } == [conversation.id])
            #expect(try await account.get("/api/settings").json == ["theme": "dark"])
            #expect(try await server.store.user(guestID) == nil)
            #expect(try await guest.get("/api/auth/session").status == 401)
            // The key still opens, for its new owner.
            #expect(try await account.get("/api/keys").json["items"]?[0]?["last4"] == "1234")
            let verdict = try await account.send("POST", "/api/keys/scripted/validate", json: [:])
            #expect(verdict.json["verdict"] == "valid")
            _ = try await server.conversation(account, prompt: "with the key")
            #expect(try await server.store.keyUses(of: id, provider: "scripted", limit: 9).count >= 1)
        }
    }

    /// Only guests are merged: signing in as somebody else leaves the first account alone.
    @Test func anAccountIsNotMergedIntoAnother() async throws {
        try await AccountServer.run { server in
            let ann = try await server.signedIn()
            let conversation = try await server.conversation(ann)
            var bob = try await server.signedIn(.init(id: 2), in: ann)
            #expect(try await bob.get("/api/conversations/\(conversation.id)").status == 404)
            var again = try await server.signedIn()
            #expect(try await again.get("/api/conversations/\(conversation.id)").status == 200)
        }
    }

    @Test func aRunOfAGuestGoesOnInTheAccount() async throws {
        try await AccountServer.run { server in
            let guest = try await server.guest()
            let (id, messageID) = try await guest.withSocket { socket in
                let ack = try await socket.ask("Long", provider: "scripted")
                return (ack["conversationId"]?.string ?? "", ack["messageId"]?.string ?? "")
            }
            let call = try await server.server.provider.nextCall()
            call.say(.text("Begun"))
            let account = try await server.signedIn(in: guest)
            try await account.withSocket { socket in
                try await socket.send(["type": "stream_subscribe", "conversationId": .string(id)])
                call.say(.text(", ended"))
                call.finish()
                let answer = try await socket.follow()
                #expect(answer.messageID == messageID)
                #expect(answer.text == "Begun, ended")
            }
        }
    }

    // MARK: Export

    @Test func exportHoldsEverythingButSecrets() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            let conversation = try await server.conversation(browser, prompt: "Prompt of mine", answer: "Answer of it")
            let key = "sk-export-secret-key-9999"
            try await browser.send("PUT", "/api/keys/scripted", json: ["key": .string(key)])
            try await browser.send("PATCH", "/api/settings", json: ["theme": "dark"])
            let token = try await server.token(browser).secret
            let upload = try await server.http.send(
                "POST", "/api/attachments?name=note.txt", headers: browser.headers, body: Array("bytes of a file".utf8))
            #expect(upload.status == 201)
            let response = try await browser.get("/api/account/export")
            #expect(response.headers["content-type"] == "application/x-ndjson")
            #expect(response.headers["cache-control"] == "no-store")
            var lines: [String: [JSONValue]] = [:]
            for line in response.text.split(separator: "\n") {
                let value = try JSONValue(parsing: Array(line.utf8))
                lines[value["type"]?.string ?? "", default: []].append(value)
            }
            #expect(lines["user"]?[0]["email"] == "ann@example.com")
            #expect(lines["identity"]?[0]["subject"] == "42")
            #expect(lines["settings"]?[0]["document"]?["theme"] == "dark")
            #expect(lines["key"]?[0]["last4"] == "9999")
            #expect(lines["conversation"]?.map { $0["id"]?.string } == [conversation.id])
            #expect(lines["message"]?.compactMap { $0["content"]?.string } == ["Prompt of mine", "Answer of it"])
            let file = lines["attachment"]?[0]["base64"]?.string.flatMap { Data(base64Encoded: $0) }
            #expect(file.map { String(decoding: $0, as: UTF8.self) } == "bytes of a file")
            #expect(lines["audit"]?.contains { $0["action"] == "key_saved" } == true)
            #expect(response.text.hasSuffix("{\"type\":\"end\"}\n"))
            for secret in [key, token, browser.session ?? "?"] { #expect(!response.text.contains(secret)) }
        }
    }

    // MARK: Deletion

    @Test func whoDeletesAndComesBackHasNoNewMessages() async throws {
        try await AccountServer.run(usage: UsageLimits(messagesPerDay: 1)) { server in
            var browser = try await server.signedIn()
            _ = try await server.conversation(browser)
            #expect(try await browser.send("DELETE", "/api/account").status == 204)
            var again = try await server.signedIn()
            let question: JSONValue = [
                "conversationId": "new-chat", "prompt": "Hello", "provider": "scripted", "model": "script-1",
            ]
            #expect(try await again.send("POST", "/api/chat", json: question).errorCode == "quota_exceeded")
            #expect(try await again.get("/api/usage").json["quotas"]?[0]?["remaining"] == 0)
            // Somebody else has their own, and the next day is another.
            _ = try await server.conversation(try await server.signedIn(.init(id: 2)))
            server.clock.advance(milliseconds: 86_400_000)
            _ = try await server.conversation(try await server.signedIn())
        }
    }

    @Test func deletingLeavesNothing() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            let id = try await server.userID(browser)
            let upload = try await server.http.send(
                "POST", "/api/attachments?name=note.txt", headers: browser.headers, body: Array("bytes".utf8))
            let attachment = upload.json["id"]?.string ?? ""
            let token = try await server.token(browser).secret
            let other = try await server.signedIn()
            let ack = try await other.withSocket { try await $0.ask("Long", provider: "scripted") }
            let call = try await server.server.provider.nextCall()
            try await other.withSocket { socket in
                let status = try await browser.send("DELETE", "/api/account").status
                #expect(status == 204)
                #expect(browser.session == nil)
                let code = try await socket.closeCode()
                #expect(code == 4003)
            }
            // What was being written stops.
            await call.closed()
            for headers in [bearer(token), other.headers] {
                #expect(try await server.http.get("/api/conversations", headers: headers).status == 401)
            }
            #expect(try await server.store.conversation(ack["conversationId"]?.string ?? "", of: id) == nil)
            await #expect(throws: ChatError.self) { _ = try await server.server.chat.blobs.get(attachment) }
            let left = try await server.store.auditEntries(of: id, before: nil, limit: 200)
            #expect(left.map(\.action) == [.accountDeleted])
            #expect(left[0].address == nil)
            // Who comes back is somebody new.
            #expect(try await server.userID(server.signedIn()) != id)
        }
    }

    @Test func deletingTakesARecentSignIn() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            server.clock.advance(milliseconds: 901_000)
            #expect(try await browser.send("DELETE", "/api/account").status == 403)
            #expect(try await browser.get("/api/auth/session").status == 200)
            var again = try await server.signedIn(in: browser)
            #expect(try await again.send("DELETE", "/api/account").status == 204)
            // A guest has nothing to prove with.
            var guest = try await server.guest()
            server.clock.advance(milliseconds: 901_000)
            #expect(try await guest.send("DELETE", "/api/account").status == 204)
        }
    }

    @Test func guestsNobodyCanComeBackAsAreSwept() async throws {
        try await AccountServer.run { server in
            let guest = try await server.guest()
            let id = try await server.userID(guest)
            let conversation = try await server.conversation(guest)
            server.clock.advance(milliseconds: 31 * 86_400_000)
            try await server.server.chat.sweepAccounts()
            #expect(try await server.store.user(id) == nil)
            #expect(try await server.store.conversation(conversation.id, of: id) == nil)
        }
    }

    // MARK: Audit

    @Test func whatHappensIsNoted() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            let (tokenID, _) = try await server.token(browser)
            try await browser.send("DELETE", "/api/tokens/\(tokenID)")
            try await browser.send("PUT", "/api/keys/scripted", json: ["key": "sk-some-secret-key-1"])
            try await browser.send("DELETE", "/api/keys/scripted")
            try await browser.get("/api/account/export")
            let first = try await browser.get("/api/audit?limit=3").json
            let cursor = try #require(first["nextCursor"]?.string)
            let rest = try await browser.get("/api/audit?cursor=\(cursor)").json
            let entries = (first["items"]?.array ?? []) + (rest["items"]?.array ?? [])
            let expected = [
                "data_exported", "key_deleted", "key_saved", "token_revoked", "token_created", "signed_in",
            ]
            #expect(entries.compactMap { $0["action"]?.string } == expected)
            #expect(entries.allSatisfy { $0["address"] == "127.0.0.1" })
            #expect(entries.last?["detail"]?["with"] == "github")
            // A token is known by its name when it is gone.
            #expect(entries[3]["detail"]?["token"] == .string(tokenID))
            #expect(entries[3]["detail"]?["name"] == entries[4]["detail"]?["name"])
            #expect(entries[3]["detail"]?["name"]?.string?.isEmpty == false)
            var other = try await server.signedIn(.init(id: 2))
            #expect(try await other.get("/api/audit").json["items"]?.array?.count == 1)
            #expect(try await browser.get("/api/audit?cursor=x").status == 400)
        }
    }

    // MARK: Shares

    @Test func aLinkShowsThatMoment() async throws {
        try await AccountServer.run { server in
            var browser = try await server.signedIn()
            let conversation = try await server.conversation(browser, prompt: "First", answer: "One")
            let made = try await browser.send("POST", "/api/conversations/\(conversation.id)/share", json: [:])
            #expect(made.status == 201)
            let url = try #require(made.json["url"]?.string)
            #expect(url.hasPrefix("http://127.0.0.1/shared/"))
            let path = "/api/shared/\(url.split(separator: "/").last ?? "")"
            try await browser.withSocket { socket in
                _ = try await socket.ask("Second", provider: "scripted", conversationID: conversation.id)
                let call = try await server.server.provider.nextCall()
                call.say(.text("Two"))
                call.finish()
                _ = try await socket.follow()
            }
            let shown = try await server.http.get(path)
            #expect(shown.json["messages"]?.array?.compactMap { $0["content"]?.string } == ["First", "One"])
            #expect(shown.headers["x-robots-tag"] == "noindex")
            #expect(shown.headers["referrer-policy"] == "no-referrer")
            #expect(shown.headers["cache-control"] == "no-store")
            // Nothing that leads to the owner or into the conversation.
            let id = try await server.userID(browser)
            for hidden in [id, conversation.id, conversation.messageID, "Ann"] { #expect(!shown.text.contains(hidden)) }
            #expect(try await browser.get("/api/conversations/\(conversation.id)").json["shared"] == true)
            #expect(try await browser.get("/api/conversations").json["items"]?[0]?["shared"] == true)
            // A new link ends the old one.
            let again = try await browser.send("POST", "/api/conversations/\(conversation.id)/share", json: [:])
            #expect(try await server.http.get(path).status == 404)
            let newPath = "/api/shared/\(again.json["url"]?.string?.split(separator: "/").last ?? "")"
            #expect(try await server.http.get(newPath).json["messages"]?.array?.count == 4)
            #expect(try await browser.send("DELETE", "/api/conversations/\(conversation.id)/share").status == 204)
            #expect(try await server.http.get(newPath).status == 404)
            #expect(try await browser.send("DELETE", "/api/conversations/\(conversation.id)/share").status == 404)
            let page = try await server.http.get("/shared/\(AccessToken.make().reveal())")
            #expect(page.status == 200)
            #expect(page.headers["x-robots-tag"] == "noindex")
        }
    }
}

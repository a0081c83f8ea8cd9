import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

@Suite struct ConversationRouteTests {
    /// Has one question answered and returns the ack.
    private func converse(
        _ server: ChatServer, _ prompt: String, _ answer: String, in conversation: String = "new-chat"
    ) async throws -> JSONValue {
        try await server.withSocket { socket in
            let ack = try await socket.ask(prompt, provider: "scripted", conversationID: conversation)
            let call = try await server.provider.nextCall()
            call.say(.text(answer))
            call.finish()
            _ = try await socket.follow()
            return ack
        }
    }

    @Test func listsInPages() async throws {
        try await ChatServer.run { server in
            for number in 1...5 { _ = try await converse(server, "question \(number)", "answer") }
            var titles: [String] = []
            var path = "/api/conversations?limit=2"
            var pages = 0
            while pages < 5 {
                let page = try await server.http.get(path).json
                titles += page["items"]?.array?.compactMap { $0["title"]?.string } ?? []
                pages += 1
                guard let cursor = page["nextCursor"]?.string else { break }
                path = "/api/conversations?limit=2&cursor=\(cursor)"
            }
            #expect(titles == (1...5).reversed().map { "question \($0)" })
            #expect(pages == 3)
            #expect(try await server.http.get("/api/conversations?cursor=nope").errorCode == "invalid_request")
            #expect(try await server.http.get("/api/conversations?limit=0").errorCode == "invalid_request")
            #expect(try await server.http.get("/api/conversations?limit=201").errorCode == "invalid_request")
        }
    }

    @Test func searchFindsTexts() async throws {
        try await ChatServer.run { server in
            let ack = try await converse(server, "About apples", "They grow on trees")
            _ = try await converse(server, "About fish", "They swim")
            for query in ["trees", "grow+trees", "About%20apples"] {
                let items = try await server.http.get("/api/conversations?q=\(query)").json["items"]
                #expect(items?.array?.map { $0["id"] } == [ack["conversationId"]], "\(query)")
            }
            #expect(try await server.http.get("/api/conversations?q=%FF").status == 400)
        }
    }

    @Test func messagesAreShownAsTheyAre() async throws {
        try await ChatServer.run { server in
            let ack = try await converse(server, "Hi", "Hello")
            let id = try #require(ack["conversationId"]?.string)
            let messages = try await server.http.get("/api/conversations/\(id)/messages").json["items"]
            let prompt = messages?[0]
            #expect(prompt?["role"] == "user")
            #expect(prompt?["content"] == "Hi")
            #expect(prompt?["parentId"] == .null)
            let answer = messages?[1]
            #expect(answer?["id"] == ack["messageId"])
            #expect(answer?["parentId"] == prompt?["id"])
            #expect(answer?["content"] == "Hello")
            #expect(answer?["status"] == "complete")
            #expect(answer?["stopReason"] == "stop")
            #expect(answer?["provider"] == "scripted")
            #expect(answer?["attachments"] == [])
            #expect(try await server.http.get("/api/conversations/\(id)").json["activeLeafId"] == ack["messageId"])
            #expect(try await server.http.get("/api/conversations/nope/messages").status == 404)
            #expect(try await server.http.get("/api/conversations/nope").status == 404)
        }
    }

    @Test func renamesAndDeletes() async throws {
        try await ChatServer.run { server in
            let ack = try await converse(server, "Hi", "Hello")
            let path = "/api/conversations/\(ack["conversationId"]?.string ?? "")"
            try await server.withSocket { socket in
                #expect(try await server.http.send("PATCH", path, json: ["title": "New"]).json["title"] == "New")
                #expect(try await socket.next("conversation:title_updated")["title"] == "New")
                #expect(try await server.http.send("PATCH", path, json: ["title": " "]).status == 400)
                #expect(try await server.http.send("PATCH", path, json: ["title": 7]).status == 400)
                let foreign = try await server.http.send("PATCH", path, json: ["activeLeafId": "nope"])
                #expect(foreign.status == 404)
                #expect(try await server.http.send("DELETE", path).status == 204)
                #expect(try await socket.next("conversation:deleted")["conversationId"] == ack["conversationId"])
            }
            #expect(try await server.http.get(path).status == 404)
            #expect(try await server.http.send("DELETE", path).status == 404)
        }
    }

    @Test func answersAreRated() async throws {
        try await ChatServer.run { server in
            let ack = try await converse(server, "Hi", "Hello")
            let path = "/api/messages/\(ack["messageId"]?.string ?? "")"
            let liked = try await server.http.send("PATCH", path, json: ["liked": true])
            #expect(liked.json["liked"] == true)
            #expect(try await server.http.send("PATCH", path, json: ["liked": "yes"]).status == 400)
            #expect(try await server.http.send("PATCH", "/api/messages/nope", json: ["liked": true]).status == 404)
        }
    }

    @Test func exports() async throws {
        try await ChatServer.run { server in
            let ack = try await converse(server, "Hi", "Hello")
            let path = "/api/conversations/\(ack["conversationId"]?.string ?? "")/export"
            let markdown = try await server.http.get(path + "?format=markdown")
            #expect(markdown.text == "# Hi\n\n## You\n\nHi\n\n## scripted/script-1\n\nHello\n")
            #expect(markdown.headers["content-disposition"]?.hasPrefix("attachment;") == true)
            #expect(try await server.http.get(path).json["messages"]?[1]?["content"] == "Hello")
            #expect(try await server.http.get(path + "?format=exe").status == 400)
        }
    }
}

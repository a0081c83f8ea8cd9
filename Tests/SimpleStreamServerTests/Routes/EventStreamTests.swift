import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

@Suite struct EventStreamTests {
    private let question: JSONValue = ["conversationId": "new-chat", "provider": "scripted", "prompt": "Hi"]

    @Test func chatStreamsToTheEnd() async throws {
        try await ChatServer.run { server in
            let question = question
            try await server.http.events("POST", "/api/chat", json: question) { events in
                #expect(events.head.status == 200)
                #expect(events.head.headers["content-type"] == "text/event-stream")
                #expect(try await events.next()?.type == "ai_chat_ack")
                let call = try await server.provider.nextCall()
                call.say(.text("Hel"))
                let first = try await events.next()
                #expect(first?.id == 1)
                #expect(first?.json["chunk"] == "Hel")
                call.say(.text("lo"))
                call.finish()
                let rest = try await events.rest()
                #expect(rest.last?.type == "ai_chat_response")
                #expect(rest.last?.json["chunk"] == "Hello")
                #expect(rest.last?.id == 3)
            }
        }
    }

    @Test func hangingUpDoesNotStopTheRun() async throws {
        try await ChatServer.run { server in
            let question = question
            let (messageID, call) = try await server.http.events("POST", "/api/chat", json: question) { events in
                let ack = try await events.next()?.json
                let call = try await server.provider.nextCall()
                call.say(.text("a"))
                _ = try await events.next()
                return (ack?["messageId"]?.string ?? "", call)
            }
            let runs = try await server.http.get("/api/runs").json["items"]
            #expect(runs?[0]?["messageId"] == .string(messageID))
            #expect(runs?[0]?["seq"] == 1)
            // Follows from where it was, by the header and by the query.
            try await server.http.events(
                "GET", "/api/runs/\(messageID)/events?after=0", headers: ["Last-Event-ID": "1"]
            ) {
                events in
                #expect(try await events.next()?.type == "stream:resumed")
                call.say(.text("b"))
                call.finish()
                let rest = try await events.rest()
                #expect(rest.compactMap(\.id) == [2, 3])
                #expect(rest.first?.json["chunk"] == "b")
            }
            try await server.http.events("GET", "/api/runs/\(messageID)/events?after=2") { events in
                let rest = try await events.rest()
                #expect(rest.last?.json["chunk"] == "ab")
            }
            // Whoever has it all is told the end again, not left waiting.
            try await server.http.events("GET", "/api/runs/\(messageID)/events?after=3") { events in
                let last = try await events.rest().last
                #expect(last?.type == "ai_chat_response")
            }
        }
    }

    @Test func cancelEndsTheStream() async throws {
        try await ChatServer.run { server in
            let question = question
            try await server.http.events("POST", "/api/chat", json: question) { events in
                let id = try await events.next()?.json["messageId"]?.string ?? ""
                let call = try await server.provider.nextCall()
                call.say(.text("some"))
                _ = try await events.next()
                #expect(try await server.http.send("POST", "/api/runs/\(id)/cancel").status == 204)
                await call.closed()
                #expect(try await events.rest().last?.json["stopReason"] == "cancelled")
                #expect(try await server.http.send("POST", "/api/runs/\(id)/cancel").status == 204)
            }
            #expect(try await server.http.send("POST", "/api/runs/nope/cancel").status == 404)
        }
    }

    @Test func refusalsAreJSON() async throws {
        try await ChatServer.run { server in
            let bad = try await server.http.send("POST", "/api/chat", json: ["conversationId": "new-chat"])
            #expect(bad.status == 400)
            #expect(bad.errorCode == "invalid_request")
            #expect(try await server.http.get("/api/runs/nope/events").status == 404)
            #expect(try await server.http.get("/api/runs/nope/events?after=-1").status == 400)
            #expect(try await server.http.get("/api/runs/nope/events", headers: ["Last-Event-ID": "x"]).status == 400)
        }
    }

    // MARK: Places

    @Test func streamsTakeThePlacesOfSockets() async throws {
        try await ChatServer.run {
            $0.clients.socketsPerUser = 1
        } _: { server in
            let question = question
            let path = try await server.http.events("POST", "/api/chat", json: question) { events in
                let ack = try await events.next()?.json
                let path = "/api/runs/\(ack?["messageId"]?.string ?? "")/events"
                for refused in [
                    try await server.http.send("POST", "/api/chat", json: question), try await server.http.get(path),
                ] {
                    #expect(refused.status == 429)
                    #expect(refused.errorCode == "rate_limited")
                    #expect(refused.headers["retry-after"] == "5")
                    #expect(refused.json["error"]?["retryAfterMs"] == 5000)
                }
                try await TestWebSocket.connect(to: server.port) { socket in
                    let code = try await socket.closeCode()
                    #expect(code == 4008)
                }
                try await server.provider.nextCall().finish()
                #expect(try await events.rest().last?.type == "ai_chat_response")
                return path
            }
            // What was refused asked nobody.
            #expect(server.provider.callCount == 1)
            // Who has heard the end may come back at once, again and again.
            for _ in 0..<3 {
                try await server.http.events("GET", path) { events in
                    let last = try await events.rest().last
                    #expect(events.head.status == 200)
                    #expect(last?.type == "ai_chat_response")
                }
            }
        }
    }

    @Test func anAddressHasSoManyStreams() async throws {
        try await ChatServer.run(trustedProxies: ["127.0.0.1"]) {
            $0.clients.socketsPerAddress = 1
        } _: { server in
            let question = question
            let (one, other) = (["X-Forwarded-For": "192.0.2.1"], ["X-Forwarded-For": "192.0.2.2"])
            try await server.http.events("POST", "/api/chat", headers: one, json: question) { _ in
                #expect(try await server.http.send("POST", "/api/chat", headers: one, json: question).status == 429)
                try await server.http.events("POST", "/api/chat", headers: other, json: question) { events in
                    #expect(events.head.status == 200)
                }
            }
        }
    }

    @Test func whatFailsKeepsNoPlace() async throws {
        try await ChatServer.run {
            $0.clients.socketsPerUser = 1
        } _: { server in
            for _ in 0..<3 {
                #expect(try await server.http.get("/api/runs/nope/events").status == 404)
                #expect(try await server.http.send("POST", "/api/chat", json: ["provider": "scripted"]).status == 400)
                let unknown: JSONValue = ["conversationId": "nope", "provider": "scripted", "prompt": "Hi"]
                #expect(try await server.http.send("POST", "/api/chat", json: unknown).status == 404)
            }
            try await server.withSocket { _ in }
        }
    }

    /// Nothing is said that could fail to be written: the place comes back all the same.
    @Test(.timeLimit(.minutes(5))) func hangingUpGivesThePlaceBackAtOnce() async throws {
        try await ChatServer.run {
            $0.clients.socketsPerUser = 1
            $0.keepAlive = .seconds(3600)
        } _: { server in
            let question = question
            for round in 1...3 {
                var isOpen = false
                while !isOpen {
                    isOpen = try await server.http.events("POST", "/api/chat", json: question) { events in
                        guard events.head.status == 200 else { return false }
                        let first = try await events.next()
                        #expect(first?.type == "ai_chat_ack")
                        return true
                    }
                }
                _ = try await server.provider.nextCall()
                #expect(server.provider.callCount == round)
            }
        }
    }

    @Test func silenceIsFilledWithComments() async throws {
        try await ChatServer.run {
            $0.keepAlive = .milliseconds(1)
        } _: { server in
            let question = question
            let body = question.encoded
            try await TestConnection.connect(to: server.port) { connection in
                let head = "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                try await connection.send(Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body)
                _ = try await connection.readHead()
                var text = ""
                while !text.hasSuffix(": still here\n\n"), let chunk = try await connection.readChunk() {
                    text = String(decoding: chunk, as: UTF8.self)
                }
                #expect(text.hasSuffix(": still here\n\n"))
            }
            try await server.provider.nextCall().finish()
        }
    }
}

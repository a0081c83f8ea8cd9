import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

@Suite struct DrainTests {
    @Test func socketsAreToldAndRunsEnd() async throws {
        let store = InMemoryStore()
        let messageID = try await ChatServer.run(store: store, drainTime: .seconds(60)) { server in
            try await server.withSocket { socket in
                _ = try await socket.ask("Hi", provider: "scripted")
                let call = try await server.provider.nextCall()
                call.say(.text("a"))
                var answer = try await socket.follow { $0.seq == 1 }
                await server.shutDown()
                _ = try await socket.next("server:draining")
                #expect(try await server.http.get("/ready").status == 503)
                #expect(try await server.http.get("/health").status == 200)
                try await socket.send([
                    "type": "ai_chat_request", "conversationId": "new-chat", "prompt": "more", "provider": "scripted",
                ])
                #expect(try await socket.next("error")["code"] == "draining")
                call.say(.text("b"))
                call.finish()
                answer = try await socket.follow(answer)
                #expect(answer.text == "ab")
                #expect(try await socket.closeCode() == 1012)
                return answer.messageID
            }
        }
        #expect(try await store.run(messageID, of: "local")?.message.status == .complete)
    }

    @Test func whatDoesNotEndInTimeIsInterrupted() async throws {
        let store = InMemoryStore()
        let messageID = try await ChatServer.run(store: store, drainTime: .zero) { server in
            try await server.withSocket { socket in
                _ = try await socket.ask("Hi", provider: "scripted")
                let call = try await server.provider.nextCall()
                call.say(.text("a"))
                var answer = try await socket.follow { $0.seq == 1 }
                await server.shutDown()
                answer = try await socket.follow(answer)
                #expect(answer.terminal?["code"] == "interrupted")
                #expect(try await socket.closeCode() == 1012)
                return answer.messageID
            }
        }
        let message = try await store.run(messageID, of: "local")?.message
        #expect(message?.status == .interrupted)
        #expect(message?.content == "a")
    }
}

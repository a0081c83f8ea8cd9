import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

@Suite struct MetricsTests {
    @Test func countsWithFewLabels() async throws {
        try await ChatServer.run { server in
            try await server.withSocket { socket in
                _ = try await socket.ask("Hi", provider: "scripted")
                let call = try await server.provider.nextCall()
                call.say(.text("a"))
                call.finish()
                _ = try await socket.follow()
                for _ in 0..<3 { try await server.http.get("/api/conversations/\(UUIDv7.make())") }
                let text = try await server.http.get("/metrics").text
                #expect(text.contains("ss_websockets 1.0\n"))
                #expect(text.contains("ss_runs_total{provider=\"scripted\",outcome=\"complete\"} 1.0\n"))
                let route = "method=\"GET\",route=\"/api/conversations/{id}\",status=\"4xx\""
                #expect(text.contains("ss_http_requests_total{\(route)} 3.0\n"))
            }
        }
    }

    @Test func areTheOperators() async throws {
        try await AccountServer.run(configure: { accounts in
            accounts.administrators = [Identity(issuer: accounts.gitHub?.baseURL ?? "", subject: "1")]
        }) { server in
            let proxied = ["X-Forwarded-For": "203.0.113.7"]
            #expect(try await server.http.get("/metrics").status == 200)
            #expect(try await server.http.get("/metrics", headers: proxied).status == 401)
            let member = try await server.signedIn(.init(id: 2))
            let all = try await server.token(member, scopes: ["chat", "read", "keys", "admin"]).secret
            #expect(try await server.http.get("/metrics", headers: bearer(all).merging(proxied) { $1 }).status == 403)
            let admin = try await server.signedIn(.init(id: 1))
            let ops = try await server.token(admin, scopes: ["ops"]).secret
            let text = try await server.http.get("/metrics", headers: bearer(ops).merging(proxied) { $1 })
            #expect(text.status == 200)
            // Nothing of users, conversations or tokens.
            let id = try await server.userID(admin)
            #expect(!text.text.contains(id) && !text.text.contains("Ann"))
        }
    }
}

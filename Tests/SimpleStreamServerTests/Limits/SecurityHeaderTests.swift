import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

/// What every response says to a browser.
@Suite struct SecurityHeaderTests {
    private static let paths = ["/", "/assets/app.js", "/api/models", "/api/nothing", "/health", "/openapi.json"]

    /// Requests that are refused before they reach an endpoint.
    private static let refused = [
        ("nonsense\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        ("GET / HTTP/1.1\r\nHost: localhost\r\n\(String(repeating: "A: b\r\n", count: 101))\r\n", 431),
        ("GET /\(String(repeating: "x", count: 9000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        ("POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2097153\r\n\r\n", 413),
        (
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + "Origin: https://evil.example\r\n\r\n", 403
        ),
    ]

    @Test(arguments: ["http://chat.example", "https://chat.example"])
    func refusalsOfTheConnectionAreGuardedToo(publicURL: String) async throws {
        try await ChatServer.run(publicURL: publicURL) { server in
            for (request, status) in Self.refused {
                let response = try await TestConnection.connect(to: server.port) { connection in
                    try await connection.send(request)
                    return try await connection.readResponse()
                }
                let headers = response.headers
                #expect(response.status == status)
                #expect(headers["x-content-type-options"] == "nosniff", "\(status)")
                #expect(headers["referrer-policy"] == "no-referrer", "\(status)")
                #expect(headers["x-frame-options"] == "DENY", "\(status)")
                #expect(headers["content-security-policy"]?.contains("frame-ancestors 'none'") == true, "\(status)")
                #expect(headers["permissions-policy"]?.contains("camera=()") == true, "\(status)")
                #expect(headers["cross-origin-resource-policy"] == "same-origin", "\(status)")
                #expect((headers["strict-transport-security"] != nil) == publicURL.hasPrefix("https"), "\(status)")
            }
        }
    }

    @Test func everyResponseIsGuarded() async throws {
        try await ChatServer.run { server in
            for path in Self.paths {
                let headers = try await server.http.get(path).headers
                #expect(headers["x-content-type-options"] == "nosniff", "\(path)")
                #expect(headers["referrer-policy"] == "no-referrer", "\(path)")
                #expect(headers["x-frame-options"] == "DENY", "\(path)")
                #expect(headers["content-security-policy"]?.contains("frame-ancestors 'none'") == true, "\(path)")
                #expect(headers["permissions-policy"]?.contains("camera=()") == true, "\(path)")
                #expect(headers["access-control-allow-origin"] == nil, "\(path)")
                // Over plain HTTP it would mean nothing.
                #expect(headers["strict-transport-security"] == nil, "\(path)")
            }
        }
    }

    @Test func thePagesPolicyAllowsItsOwnFilesOnly() async throws {
        try await ChatServer.run { server in
            let policy = try await server.http.get("/").headers["content-security-policy"] ?? ""
            let rules = policy.split(separator: ";").map { $0.trimmingPrefix(" ") }
            for rule in [
                "default-src 'none'", "script-src 'self'", "img-src 'self' data: blob:", "connect-src 'self'",
                "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
            ] {
                #expect(rules.contains(rule[...]), "\(rule)")
            }
            #expect(!policy.contains("unsafe"))
            #expect(!policy.contains("*"))
        }
    }

    @Test func browsersAreToldToStayWithTLS() async throws {
        try await ChatServer.run(publicURL: "https://chat.example") { server in
            for path in Self.paths {
                let headers = try await server.http.get(path).headers
                #expect(headers["strict-transport-security"] == "max-age=31536000", "\(path)")
            }
        }
        try await ChatServer.run(trustedProxies: ["127.0.0.1"]) { server in
            let headers = try await server.http.get("/", headers: ["X-Forwarded-Proto": "https"]).headers
            #expect(headers["strict-transport-security"] != nil)
        }
    }

    @Test func theHostOfAProxyIsJudgedLikeAnyOther() async throws {
        try await ChatServer.run(publicURL: "https://chat.example", trustedProxies: ["127.0.0.1"]) { server in
            for (host, status) in [("chat.example", 200), ("evil.example", 421), ("a@b", 400)] {
                let response = try await server.http.get("/health", headers: ["X-Forwarded-Host": host])
                #expect(response.status == status, "\(host)")
            }
            let page = ["X-Forwarded-Host": "chat.example", "X-Forwarded-Proto": "https"]
            for (origin, status) in [("https://chat.example", 200), ("http://chat.example", 403)] {
                let headers = page.merging(["Origin": origin]) { first, _ in first }
                #expect(try await server.http.get("/api/models", headers: headers).status == status, "\(origin)")
            }
        }
    }
}

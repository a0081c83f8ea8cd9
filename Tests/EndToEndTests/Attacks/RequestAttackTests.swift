import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    /// Requests nobody should send, at a server that runs: each is refused, and the server goes on as if nothing were.
    @Suite struct RequestAttackTests {
        /// Bytes of a request and the status they get; 0 when the connection just ends.
        struct Attack: Sendable {
            var name: String
            var request: String
            var status: Int

            init(_ name: String, _ request: String, _ status: Int) {
                self.name = name
                self.request = request
                self.status = status
            }

            /// A GET with a line of its own among good ones.
            static func field(_ name: String, _ line: String, _ status: Int) -> Attack {
                Attack(name, "GET /api/models HTTP/1.1\r\nHost: localhost\r\n\(line)\r\n\r\n", status)
            }

            /// A socket's handshake with other lines in place of its own.
            static func handshake(_ name: String, _ changes: [String: String?], _ status: Int) -> Attack {
                var fields: [String: String?] = [
                    "Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade",
                    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
                ]
                let method = changes["method"] ?? "GET"
                for (name, value) in changes where name != "method" { fields.updateValue(value, forKey: name) }
                let lines = fields.compactMap { name, value in value.map { "\(name): \($0)\r\n" } }.sorted().joined()
                return Attack(name, "\(method ?? "GET") /ws HTTP/1.1\r\n\(lines)\r\n", status)
            }

            static func post(_ name: String, _ lines: String, _ body: String, _ status: Int) -> Attack {
                Attack(
                    name,
                    "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\(lines)\r\n\r\n\(body)",
                    status)
            }
        }

        static let attacks: [Attack] = [
            .field("foreign page", "Origin: http://evil.example", 403),
            .field("page without origin", "Origin: null", 403),
            .field("page on another port", "Origin: http://localhost:1", 403),
            .field("another site's fetch", "Sec-Fetch-Site: cross-site", 403),
            .field("two origins", "Origin: http://localhost\r\nOrigin: http://localhost", 400),
            .field("folded field", "A: b\r\n c", 400),
            .field("NUL in a field", "A: \0", 400),
            .field("bare LF", "A: b\nC: d", 400),
            .field("no colon", "nonsense", 400),
            .field("too many fields", String(repeating: "A: b\r\n", count: 100) + "A: b", 431),
            .field("long field", "A: " + String(repeating: "x", count: 33_000), 431),
            Attack("foreign host", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
            Attack("rebound name", "GET /api/models HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n", 421),
            Attack("foreign absolute target", "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 421),
            Attack("no host", "GET / HTTP/1.1\r\n\r\n", 400),
            Attack("two hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
            Attack("bad version", "GET / HTTP/4.2\r\nHost: localhost\r\n\r\n", 400),
            Attack(
                "long target", "GET /\(String(repeating: "x", count: 9000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
            Attack("not HTTP", "\u{16}\u{03}\u{01}\u{02}\r\n\r\n", 400),
            .post("two lengths", "Content-Length: 2\r\nContent-Length: 2", "{}", 400),
            .post("two lengths in one", "Content-Length: 2, 2", "{}", 400),
            .post("length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n", 400),
            .post("negative length", "Content-Length: -1", "", 400),
            .post("endless length", "Content-Length: 99999999999999999999", "", 400),
            .post("too long a body", "Content-Length: 2097153", "", 413),
            .post("other coding", "Transfer-Encoding: gzip", "", 400),
            .post("bad chunk", "Transfer-Encoding: chunked", "xyz\r\n", 400),
            .post("foreign write", "Origin: http://evil.example\r\nContent-Length: 2", "{}", 403),
            .handshake("old version", ["Sec-WebSocket-Version": "8"], 426),
            .handshake("no version", ["Sec-WebSocket-Version": nil], 426),
            .handshake("short key", ["Sec-WebSocket-Key": "abc"], 400),
            .handshake("no key", ["Sec-WebSocket-Key": nil], 400),
            .handshake("no connection", ["Connection": "close"], 400),
            .handshake("other method", ["method": "POST", "Content-Length": "0"], 400),
            .handshake("foreign page's socket", ["Origin": "https://evil.example"], 403),
            .handshake("foreign host's socket", ["Host": "evil.example"], 421),
        ]

        static let paths = [
            "/../etc/passwd", "/assets/../index.html", "/assets/%2e%2e/%2e%2e/etc/passwd", "/%2e%2e/",
            "/assets\\app.js",
            "/assets/app.js%00.html", "/assets//app.js", "/chat/../../x", "/api/conversations/%00", "/.git/config",
            "/assets/", "/api/attachments/..%2f..%2fencryption-key", "/encryption-key", "/%c0%ae%c0%ae/",
        ]

        @Test func eachIsRefusedAndChangesNothing() async throws {
            try await withServer(reply(["a"])) { server, upstream in
                for attack in Self.attacks {
                    let (status, closed) = try await TestConnection.connect(to: server.port) { connection in
                        // The server may hang up before it has read all.
                        try? await connection.send(attack.request)
                        let response = try await connection.readHead()
                        return (response.status, response.headers["connection"] == "close")
                    }
                    #expect(status == attack.status, "\(attack.name)")
                    // What cannot be parsed for sure has no successor.
                    if ![403, 421].contains(status) || attack.request.contains("/ws") {
                        #expect(closed, "\(attack.name)")
                    }
                }
                for path in Self.paths {
                    let response = try await server.http.get(path)
                    #expect(response.status == 404 || response.status == 400, "\(path): \(response.status)")
                    #expect(!response.text.contains("root:"), "\(path)")
                }
                #expect(try await server.http.get("/health").status == 200)
                #expect(try await server.http.get("/api/conversations").json["items"] == [])
                #expect(upstream.requests.isEmpty)
            }
        }

        /// A byte now and then, in head and in body, does not hold a connection.
        @Test func slowPeersAreLetGo() async throws {
            try await withServer(reply(["a"]), environment: ["HEADER_SECONDS": "1"]) { server, _ in
                for start in ["", "GET / HTT", "GET / HTTP/1.1\r\nHost: localhost\r\nA: "] {
                    try await TestConnection.connect(to: server.port) { connection in
                        try await connection.send(start)
                        #expect(try await connection.readHead().status == 408)
                    }
                }
            }
        }

        @Test func oneClientsLimitsAreNotAnothers() async throws {
            try await withServer(reply(["a"]), environment: ["SOCKETS_PER_ADDRESS": "3"]) { server, _ in
                try await server.withSocket { _ in
                    // Sockets are counted by each server.
                    server.stayOnOne()
                    try await server.withSocket { _ in
                        try await server.withSocket { _ in
                            try await TestWebSocket.connect(to: server.port) { socket in
                                let code = try await socket.closeCode()
                                #expect(code == 4008)
                            }
                            #expect(try await server.http.get("/api/models").status == 200)
                        }
                    }
                }
            }
        }
    }
}

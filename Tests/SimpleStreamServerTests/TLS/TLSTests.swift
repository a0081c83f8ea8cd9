import Foundation
import NIOCore
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamServer

/// TLS ended by the server itself, with a certificate of an authority made for the test.
@Suite(.enabled(if: TestCertificates.isAvailable), .timeLimit(.minutes(2)))
struct TLSTests {
    private func withServer(
        configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (ChatServer, TestCertificates, String) async throws -> Void
    ) async throws {
        try await withScratchDirectory { directory in
            let certificates = try await TestCertificates.make(in: directory, named: "first")
            try await ChatServer.run {
                $0.tls = TLSFiles(certificate: certificates.certificate, key: certificates.key)
                configure(&$0)
            } _: { server in
                try await body(server, certificates, directory)
            }
        }
    }

    @Test func requestsAndSocketsAreServed() async throws {
        try await withServer { server, certificates, _ in
            let client = try certificates.client
            let http = TestHTTP(port: server.port, prepare: client)
            let page = try await http.get("/")
            #expect(page.status == 200)
            #expect(page.headers["strict-transport-security"] == "max-age=31536000")
            let large = String(repeating: "x", count: 300_000)
            let echo = try await http.send("PATCH", "/api/settings", json: ["theme": .string(large)])
            #expect(echo.status == 413)
            let origin = ["Origin": "https://127.0.0.1:\(server.port)"]
            try await TestWebSocket.connect(to: server.port, headers: origin, prepare: client) { socket in
                _ = try await socket.next("session:ready")
                try await socket.send(["type": "ping", "t": 5])
                #expect(try await socket.next("pong")["t"] == 5)
            }
            let plain = ["Origin": "http://127.0.0.1:\(server.port)"]
            #expect(try await http.get("/api/models", headers: plain).status == 403)
        }
    }

    @Test func anAnswerStreams() async throws {
        try await withServer { server, certificates, _ in
            let client = try certificates.client
            try await TestWebSocket.connect(to: server.port, prepare: client) { socket in
                try await socket.send([
                    "type": "ai_chat_request", "conversationId": "new-chat", "prompt": "Hello", "provider": "scripted",
                    "model": "script-1",
                ])
                let call = try await server.provider.nextCall()
                for index in 0..<200 { call.say(.text("piece \(index) ")) }
                call.finish()
                let text = try await socket.next("ai_chat_response")["chunk"]?.string
                #expect(text == (0..<200).map { "piece \($0) " }.joined())
            }
        }
    }

    @Test func strangersAreNotTrusted() async throws {
        try await withServer { server, _, directory in
            let other = try await TestCertificates.make(in: directory, named: "other")
            await #expect(throws: (any Error).self) {
                try await TestHTTP(port: server.port, prepare: try other.client).get("/health")
            }
        }
    }

    @Test func theCertificateIsReadAgain() async throws {
        try await withServer { server, first, directory in
            let second = try await TestCertificates.make(in: directory, named: "second")
            try await TestWebSocket.connect(to: server.port, prepare: try first.client) { socket in
                _ = try await socket.next("session:ready")
                // Half a renewal, and then a file that is none: the old one stays.
                try Self.replace(first.certificate, with: second.certificate)
                #expect(throws: TLSIdentity.Problem.self) { try server.server.reloadCertificate() }
                try "garbage".write(toFile: first.certificate, atomically: true, encoding: .utf8)
                #expect(throws: TLSIdentity.Problem.self) { try server.server.reloadCertificate() }
                #expect(try await TestHTTP(port: server.port, prepare: try first.client).get("/health").status == 200)
                try Self.replace(first.certificate, with: second.certificate)
                try Self.replace(first.key, with: second.key)
                try server.server.reloadCertificate()
                #expect(try await TestHTTP(port: server.port, prepare: try second.client).get("/health").status == 200)
                await #expect(throws: (any Error).self) {
                    try await TestHTTP(port: server.port, prepare: try first.client).get("/health")
                }
                // What is open stays open.
                try await socket.send(["type": "ping", "t": 7])
                #expect(try await socket.next("pong")["t"] == 7)
            }
        }
    }

    @Test func whoDoesNotSpeakTLSIsClosed() async throws {
        try await withServer {
            $0.http.headTime = .milliseconds(300)
        } _: { server, _, _ in
            for bytes in ["GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "\u{16}\u{03}\u{01}", ""] {
                try await TestConnection.connect(to: server.port) { connection in
                    try await connection.send(bytes)
                    // An end or a reset, but an end.
                    let rest = (try? await connection.readToEnd()) ?? []
                    #expect(!String(decoding: rest, as: UTF8.self).contains("HTTP/1.1 200"))
                }
            }
        }
    }

    @Test func theProbeFindsTheWayIn() async throws {
        try await withServer { server, certificates, _ in
            let origin = "https://localhost:\(server.port)"
            #expect(await WebSocketProbe.open(origin, trusting: certificates.root) == .opened)
            guard case .unreachable(let problem) = await WebSocketProbe.open(origin) else {
                Issue.record("a stranger's certificate was trusted")
                return
            }
            #expect(problem.contains("certificate"))
        }
        try await ChatServer.run { server in
            #expect(await WebSocketProbe.open("http://127.0.0.1:\(server.port)") == .opened)
        }
        try await withTestServer { port in
            #expect(await WebSocketProbe.open("http://127.0.0.1:\(port)") == .refused(404))
        }
    }

    @Test func filesThatCannotBeUsedAreNamed() throws {
        let problem = #expect(throws: TLSIdentity.Problem.self) {
            try TLSIdentity(TLSFiles(certificate: "/nowhere/cert.pem", key: "/nowhere/key.pem"))
        }
        #expect(problem?.path == "/nowhere/cert.pem")
    }

    private static func replace(_ path: String, with other: String) throws {
        try Data(contentsOf: URL(filePath: other)).write(to: URL(filePath: path))
    }
}

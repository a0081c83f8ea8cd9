import Foundation
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamPostgres

/// A server with a certificate of an authority of ours.
@Suite(.enabled(if: PostgresServer.isAvailable), .serialized) struct PostgresTLSTests {
    @Test func aVerifiedServerIsTaken() async throws {
        try await withSecureServer { server, directory throws in
            let secure = "sslmode=verify-full&sslrootcert=\(directory)/ca.pem"
            let store = try await openStore(url(server, "localhost", secure))
            #expect(try await store.query("SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == ["true"])
            await store.close()
        }
    }

    @Test func anUnverifiedServerIsRefused() async throws {
        try await withSecureServer { server, directory throws in
            let wrong = [
                // Signed by somebody else.
                url(server, "localhost", "sslmode=verify-full&sslrootcert=\(directory)/other.pem"),
                // Signed for another name.
                url(
                    server, "elsewhere.invalid",
                    "hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=\(directory)/ca.pem"),
                // No authority at all.
                url(server, "localhost", "sslmode=verify-full&sslrootcert=\(directory)/nothing.pem"),
            ]
            for url in wrong {
                #expect(await failure { _ = try await openStore(url) }?.code == .storageUnavailable)
            }
        }
    }

    @Test func aServerWithoutTLSIsRefusedWhenItMustBeVerified() async throws {
        let server = try await PostgresServer.shared
        let url = url(server, "localhost", "sslmode=verify-full&sslrootcert=/etc/hosts")
        #expect(await failure { _ = try await openStore(url) }?.code == .storageUnavailable)
    }

    private func url(_ server: PostgresServer, _ host: String, _ query: String) -> String {
        "postgres://\(PostgresServer.user):\(PostgresServer.password)@\(host):\(server.port)/postgres?\(query)"
    }

    private func withSecureServer<R>(_ body: (PostgresServer, String) async throws -> R) async throws -> R {
        try await withScratchDirectory { directory in
            for name in ["ca", "other"] {
                try openssl(
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=Test \(name)", "-keyout", "\(directory)/\(name).key", "-out",
                    "\(directory)/\(name).pem")
            }
            try openssl(
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost", "-keyout", "\(directory)/server.key", "-out",
                "\(directory)/server.csr")
            try openssl(
                "x509", "-req", "-in", "\(directory)/server.csr", "-CA", "\(directory)/ca.pem", "-CAkey",
                "\(directory)/ca.key", "-CAcreateserial", "-days", "2", "-copy_extensions", "copy", "-out",
                "\(directory)/server.pem")
            return try await PostgresServer.with { server in
                try server.adopt("\(directory)/server.pem", as: "server.crt")
                try server.adopt("\(directory)/server.key", as: "server.key")
                try await server.sql("ALTER SYSTEM SET ssl = on")
                try await server.restart()
                return try await body(server, directory)
            }
        }
    }

    private func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}

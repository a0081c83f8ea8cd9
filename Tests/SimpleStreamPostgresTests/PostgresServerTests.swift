import Foundation
import TestSupport
import Testing

/// The server the other tests rely on.
@Suite(.enabled(if: PostgresServer.isAvailable)) struct PostgresServerTests {
    @Test func scratchDatabasesAreApart() async throws {
        let server = try await PostgresServer.shared
        try await server.withDatabase { first throws in
            try await server.sql("CREATE TABLE a (b int)", database: first)
            try await server.withDatabase { second throws in
                #expect(try await server.sql("SELECT to_regclass('a') IS NULL", database: second) == "t")
            }
        }
    }

    @Test func aPrivateServerStopsPausesAndReturns() async throws {
        try await PostgresServer.with(settings: ["max_connections=7"]) { server throws in
            #expect(try await server.sql("SHOW max_connections") == "7")
            try await server.sql("CREATE TABLE kept (a int)")
            try await server.restart()
            try await server.kill()
            await #expect(throws: (any Error).self) { try await server.sql("SELECT 1") }
            try await server.start()
            try server.pause()
            try server.resume()
            #expect(try await server.sql("SELECT to_regclass('kept')") == "kept")
        }
    }
}

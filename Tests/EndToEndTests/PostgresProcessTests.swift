import Foundation
import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    /// The programs on a PostgreSQL server.
    @Suite(.enabled(if: PostgresServer.isAvailable)) struct PostgresProcessTests {
        private static let key = String(repeating: "5a", count: 32)

        private func withDatabase<R>(_ body: (_ environment: [String: String], String) async throws -> R) async throws
            -> R
        {
            try await withScratchDirectory { directory in
                try await PostgresServer.withScratchDatabase { url in
                    let environment = [
                        "DATABASE_URL": url, "ENCRYPTION_KEY": Self.key, "SS_DEMO": "1", "SS_TITLES": "off",
                        "LOCAL_BASE_URL": "http://127.0.0.1:1/v1",
                    ]
                    return try await body(environment, directory)
                }
            }
        }

        @Test func whatOneNodeStoresAnotherHas() async throws {
            try await withDatabase { environment, directory throws in
                let said = try await ServerProcess.run(in: "\(directory)/a", environment: environment) { server in
                    try await server.withSocket { socket in
                        _ = try await socket.ask("Remember the needle", provider: "demo", requestID: "r1")
                        return try await socket.follow { $0.terminal != nil }
                    }
                }
                try await ServerProcess.run(in: "\(directory)/b", environment: environment) { server in
                    let list = try await server.http.get("/api/conversations?q=needle")
                    #expect(list.json["items"]?[0]?["id"] == .string(said.conversationID))
                    let messages = try await server.http.get("/api/conversations/\(said.conversationID)/messages")
                    #expect(messages.json["items"]?[1]?["content"] == .string(said.text))
                }
            }
        }

        @Test func theCommandLineUsesTheSameDatabase() async throws {
            try await withDatabase { environment, _ throws in
                try await withCLIHome { home in
                    let asked = try await home.run("-m", "demo/echo", "Say it to both", set: environment)
                    #expect(asked.status == 0, "\(asked.errors)")
                    #expect(asked.output.contains("Say it to both"))
                    let logs = try await home.run("logs", set: environment)
                    #expect(logs.output.contains("Say it to both"), "\(logs.errors)")
                }
            }
        }

        @Test func aNodesDirectoryIsItsOwn() async throws {
            try await withDatabase { environment, directory throws in
                try await ServerProcess.run(in: directory, environment: environment) { _ in
                    let second = await #expect(throws: ServerProcess.NotStarted.self) {
                        try await ServerProcess.run(in: directory, environment: environment) { _ in }
                    }
                    #expect(second?.status == 2)
                    #expect(second?.complaint.contains("SS_DATA_DIR: another server uses") == true)
                }
            }
        }

        @Test(arguments: [
            (["ENCRYPTION_KEY": ""], "ENCRYPTION_KEY: it is not set"),
            (["DATABASE_URL": "postgres://chat:hunter2@db.example/chat"], "sslmode=verify-full"),
        ])
        func whatIsUnsafeIsRefusedInOneLine(change: [String: String], words: String) async throws {
            try await withDatabase { environment, directory throws in
                let refused = await #expect(throws: ServerProcess.NotStarted.self) {
                    try await ServerProcess.run(in: directory, environment: environment.merging(change) { $1 }) { _ in }
                }
                #expect(refused?.status == 2)
                #expect(refused?.complaint.contains(words) == true, "\(refused?.complaint ?? "")")
                #expect(refused?.complaint.contains("hunter2") == false)
                #expect(refused?.complaint.split(separator: "\n").count == 1)
            }
        }
    }
}

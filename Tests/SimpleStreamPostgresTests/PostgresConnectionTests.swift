import Foundation
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamPostgres

/// Ways to a server, and those that are refused.
@Suite struct PostgresConnectionTests {
    @Test(arguments: [
        "postgres://localhost/a", "postgresql://user:hunter2@127.0.0.1:5432/a", "postgres://[::1]/a",
        "postgres://127.8.9.1/a?sslmode=require", "postgres:///a?host=/var/run/postgresql",
        "postgres://%2Ftmp%2Fsocket/a", "postgres://db.example/a?sslmode=verify-full",
        "postgres://a.example,b.example/x?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "postgres://db.example/a?hostaddr=127.0.0.1",
    ])
    func theseAreTaken(_ url: String) throws {
        #expect(throws: Never.self) { try PostgresConfiguration(url: url) }
    }

    @Test(arguments: [
        "", "hunter2", "mysql://user:hunter2@localhost/a", "postgres://user:hunter2@db.example/a",
        "postgres://user:hunter2@db.example/a?sslmode=require",
        "postgres://user:hunter2@db.example/a?sslmode=verify-ca",
        "postgres://user:hunter2@localhost,db.example/a", "postgres://user:hunter2@localhost/a?hostaddr=10.0.0.1",
        "postgres://user:hunter2@10.0.0.1/a", "postgres://user:hunter2@localhost/a?service=x",
        "postgres://user:hunter2@localhost/a?hunter2=x", "postgres://user:hunter2@localhost/%zz",
        "postgres://user:hunter2@127.0.0.1.example/a", "postgres://user:hunter2@localhost:hunter2/a?x",
    ])
    func theseAreRefusedWithoutQuotingThem(_ url: String) {
        let error = #expect(throws: ChatError.self) { try PostgresConfiguration(url: url) }
        #expect(error?.code == .invalidRequest)
        #expect(error.map { "\($0) \($0.debugDescription)" }?.contains("hunter2") == false)
    }

    @Test func aConfigurationShowsNothing() throws {
        let configuration = try PostgresConfiguration(url: "postgres://user:hunter2@localhost/a")
        var text = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &text)
        #expect(!text.contains("hunter2"))
    }

    @Test func keywordsAreTaken() throws {
        let configuration = try PostgresConfiguration(keywords: ["host": "localhost", "password": "it's \\ hunter2"])
        #expect(configuration.parameters.password == "it's \\ hunter2")
        #expect(throws: ChatError.self) { try PostgresConfiguration(keywords: ["host": "db.example"]) }
        #expect(throws: ChatError.self) { try PostgresConfiguration(keywords: ["colour": "red"]) }
    }
}

/// Real connections.
@Suite(.enabled(if: PostgresServer.isAvailable)) struct PostgresLoginTests {
    @Test func aUnixSocketIsTaken() async throws {
        let server = try await PostgresServer.shared
        try await server.withDatabase { name in
            let store = try await openStore(server.socketURL(database: name))
            #expect(try await store.query("SELECT inet_client_addr()::text") == [nil])
            await store.close()
        }
    }

    @Test func keywordsConnect() async throws {
        let server = try await PostgresServer.shared
        try await server.withDatabase { name in
            let keywords = [
                "host": server.directory, "port": "\(server.port)", "user": PostgresServer.user, "dbname": name,
                "application_name": "it's",
            ]
            let store = try await PostgresStore(configuration: PostgresConfiguration(keywords: keywords))
            #expect(try await store.query("SHOW application_name") == ["it's"])
            await store.close()
        }
    }

    @Test func aWrongPasswordIsToldWithoutIt() async throws {
        let server = try await PostgresServer.shared
        let url = server.url(database: "postgres", password: "wrong-secret")
        let error = await failure { _ = try await openStore(url) }
        #expect(error?.message == "The database refuses the user or the password.")
        #expect(error?.isRetryable == false)
        #expect(error?.debugDescription.contains("28P01") == true)
        #expect(error?.debugDescription.contains("wrong-secret") == false)
    }

    @Test func whatIsNotThereIsTold() async throws {
        let server = try await PostgresServer.shared
        let missing = await failure { _ = try await openStore(server.url(database: "nowhere")) }
        #expect(missing?.message == "There is no such database.")
        let closed = await failure { _ = try await openStore("postgres://127.0.0.1:1/a?connect_timeout=1") }
        #expect(closed?.message == "The database cannot be reached.")
        #expect(closed?.isRetryable == true)
        let unknown = await failure {
            _ = try await openStore("postgres://nowhere.invalid/a?sslmode=verify-full&sslrootcert=/dev/null")
        }
        #expect(unknown?.code == .storageUnavailable)
    }

    @Test func aPasswordNeverAppears() async throws {
        let server = try await PostgresServer.shared
        // As the name of a user and a database, which the server quotes.
        let secret = "hunter2-quoted"
        let url = server.url(database: secret, user: secret, password: secret)
        let error = await failure { _ = try await openStore(url) }
        #expect(error != nil)
        #expect(error?.debugDescription.contains(secret) == false)
    }
}

import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamPostgres

/// What PostgreSQL alone promises about its schema.
@Suite(.enabled(if: PostgresServer.isAvailable)) struct PostgresSchemaTests {
    private func open(_ url: String, _ migrations: [Migration]) async throws {
        let store = try await PostgresStore(configuration: patientConfiguration(url), migrations: migrations)
        await store.close()
    }

    @Test func aNewerDatabaseIsRefused() async throws {
        try await PostgresServer.withScratchDatabase { url in
            let second = Migration(version: Schema.migrations.count + 1, sql: "CREATE TABLE extra (a int);")
            try await open(url, Schema.migrations + [second])
            let error = await failure { try await open(url, Schema.migrations) }
            #expect(error?.code == .storageUnavailable)
            #expect(error?.message.contains("schema version \(second.version)") == true)
        }
    }

    /// Every version ever released is brought up to date, with what was stored in it.
    @Test(arguments: 1..<Schema.migrations.count)
    func databasesOfOldVersionsAreBroughtUpToDate(version: Int) async throws {
        try await PostgresServer.withScratchDatabase { url in
            let old = try await PostgresStore(
                configuration: patientConfiguration(url), migrations: Array(Schema.migrations.prefix(version)))
            try await old.saveDocument("settings", "{}", of: "u")
            try await old.query("INSERT INTO attachments VALUES ('a', 'u', NULL, 'a.txt', 'text/plain', 5000, 1)")
            await old.close()
            let store = try await openStore(url)
            #expect(try await store.document("settings", of: "u") == "{}")
            #expect(try await store.storedBytes(of: "u") == 5000)
            #expect(try await store.deleteUnsentAttachments(olderThan: .seconds(1), limit: 9) == ["a"])
            await store.close()
        }
    }

    @Test func aFailingStepChangesNothing() async throws {
        try await PostgresServer.withScratchDatabase { url in
            try await open(url, Schema.migrations)
            let broken = Migration(version: 9, sql: "CREATE TABLE half (a int); CREATE TABLE conversations (a int);")
            #expect(await failure { try await open(url, Schema.migrations + [broken]) } != nil)
            let store = try await openStore(url)
            #expect(try await store.query("SELECT to_regclass('half')::text") == [nil])
            await store.close()
        }
    }

    @Test(arguments: [
        "CREATE TABLE messages (a int)", "CREATE TABLE schema_migrations (version text PRIMARY KEY)",
        "CREATE TABLE schema_migrations (version int); INSERT INTO schema_migrations VALUES (1)",
    ])
    func aStrangersDatabaseIsRefused(_ sql: String) async throws {
        let server = try await PostgresServer.shared
        try await server.withDatabase { name in
            try await server.sql(sql, database: name)
            let error = await failure { _ = try await openStore(server.url(database: name)) }
            #expect(error?.message.contains("another program") == true)
            #expect(try await server.sql("SELECT to_regclass('user_keys') IS NULL", database: name) == "t")
        }
    }

    @Test func aDatabaseOfAnotherEncodingIsRefused() async throws {
        let server = try await PostgresServer.shared
        let name = "latin_\(UUIDv7.make().suffix(12))"
        try await server.sql("CREATE DATABASE \(name) ENCODING 'LATIN1' TEMPLATE template0")
        let error = await failure { _ = try await openStore(server.url(database: name)) }
        #expect(error?.detail?.contains("UTF8") == true)
        try await server.sql("DROP DATABASE \(name)")
    }

    @Test func longTextsAreFoundToTheirEnd() async throws {
        try await withStore { store, _ throws in
            let bench = StoreBench(store: store, clock: ManualClock())
            // More than one index row can hold, with words that come too often for it and one too long for it.
            let words = (0..<60_000).map { "w\($0) the" } + ["last-phrase-here", String(repeating: "x", count: 5_000)]
            let begun = try await bench.turn(answer: words.joined(separator: " "))
            _ = try await bench.turn(answer: "w1 the w9999999")
            for query in ["w1", "w59999", "w1 w59999", "last-phrase-here", "the-w42000", "w300-the-w301", "xxxxx"] {
                let found = try await store.conversations(of: bench.user, matching: query, after: nil, limit: 9)
                #expect(found.items.map(\.id).contains(begun.conversation.id), "\(query)")
            }
            for query in ["last-here", "w1-w2", "w1 w9999999 w59999"] {
                let found = try await store.conversations(of: bench.user, matching: query, after: nil, limit: 9)
                #expect(found.items.isEmpty, "\(query)")
            }
            #expect(try await store.query("SELECT count(*)::text FROM search WHERE part > 0") != ["0"])
        }
    }

    @Test func leasesGoByTheDatabasesClock() async throws {
        try await withStore { store, _ throws in
            let bench = StoreBench(store: store, clock: ManualClock())
            _ = try await bench.begin(bench.start(.newConversation(title: "A"), lease: .seconds(60)))
            let left = try await store.query(
                "SELECT (lease_until - ss_now(NULL) BETWEEN 0 AND 60000)::text FROM messages WHERE node IS NOT NULL")
            #expect(left == ["true"])
        }
    }
}

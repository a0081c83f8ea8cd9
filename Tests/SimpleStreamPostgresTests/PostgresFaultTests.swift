import Foundation
import SimpleStreamKit
import Synchronization
import TestSupport
import Testing

@testable import SimpleStreamPostgres

/// Servers that die, hang, refuse and come back.
@Suite(.enabled(if: PostgresServer.isAvailable), .serialized) struct PostgresFaultTests {
    /// Runs `body` with a store on a server of its own.
    private func withPrivateServer<R>(
        settings: [String] = [], _ change: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresServer, PostgresStore) async throws -> R
    ) async throws -> R {
        try await PostgresServer.with(settings: settings) { server in
            let store = try await openStore(server.url(database: "postgres"), change)
            let result = try await body(server, store)
            await store.close()
            return result
        }
    }

    // MARK: Lost connections

    @Test func terminatedConnectionsAreReplaced() async throws {
        try await withStore { store, _ throws in
            try await store.saveDocument("a", "{}", of: "u")
            for _ in 0..<5 {
                // The statement that kills every connection, its own included, is in doubt and done again.
                _ = await failure {
                    _ = try await store.query(
                        """
                        SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid()
                        """)
                }
                #expect(try await store.document("a", of: "u") == "{}")
            }
        }
    }

    @Test func aReadWhoseConnectionBreaksIsReadAgain() async throws {
        let server = try await PostgresServer.shared
        try await server.withDatabase { name in
            let store = try await openStore(server.url(database: name))
            // Slow once: what a sequence counts stays when the connection goes.
            try await server.sql("CREATE SEQUENCE tries", database: name)
            let sql = "SELECT pg_sleep(CASE WHEN nextval('tries') = 1 THEN 50 ELSE 0 END)::text"
            let slow = Task { try await store.query(sql) }
            try await server.terminate("pg_sleep", in: name)
            #expect(try await slow.value.count == 1)
            await store.close()
        }
    }

    @Test func aChangeInDoubtIsMadeOnce() async throws {
        let server = try await PostgresServer.shared
        try await server.withDatabase { name in
            let store = try await openStore(server.url(database: name))
            let bench = StoreBench(store: store, clock: ManualClock())
            // The connection breaks before the commit.
            try await server.sql(
                """
                CREATE SEQUENCE is_slow;
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    -- Once: a sequence stays as it is when the connection goes.
                    IF (SELECT last_value FROM is_slow) = 1 THEN
                        PERFORM setval('is_slow', 2);
                        PERFORM pg_sleep(50);
                    END IF;
                    RETURN NULL;
                END $$;
                CREATE CONSTRAINT TRIGGER slow AFTER INSERT OR UPDATE ON messages DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION slow();
                """, database: name)
            let start = bench.start(.newConversation(title: "A"), request: "r")
            let beginning = Task { try await store.beginRun(start).summary }
            try await server.terminate("WITH RECURSIVE", in: name)
            #expect(try await beginning.value == "begun")
            var answer = start.answer
            answer.status = .complete
            let fence = RunFence(messageID: answer.id, node: "n1", leaseEpoch: 1)
            let end = RunFinish(
                fence: fence, answer: answer, usage: StoreBench.record(bench, message: answer.id))
            try await server.sql("SELECT setval('is_slow', 1)", database: name)
            let finishing = Task { try await store.finishRun(end) }
            try await server.terminate("ss_finish_run", in: name)
            #expect(try await finishing.value)
            #expect(try await store.query("SELECT count(*)::text FROM messages") == ["2"])
            #expect(try await store.query("SELECT count(*)::text FROM usage") == ["1"])
            await store.close()
        }
    }

    @Test func aChangeThatWasMadeUnheardIsFound() async throws {
        try await withPrivateServer { server, store throws in
            let bench = StoreBench(store: store, clock: ManualClock())
            // A commit waits for a standby that does not exist, when it is made already.
            try await server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            try await server.sql("SELECT pg_reload_conf()")
            let start = bench.start(.newConversation(title: "A"), request: "r")
            let beginning = Task { try await store.beginRun(start).summary }
            try await server.terminate(waitingFor: "SyncRep")
            #expect(try await beginning.value == "begun")
            var answer = start.answer
            answer.status = .complete
            let fence = RunFence(messageID: answer.id, node: "n1", leaseEpoch: 1)
            let end = RunFinish(
                fence: fence, answer: answer, usage: StoreBench.record(bench, message: answer.id))
            let finishing = Task { try await store.finishRun(end) }
            try await server.terminate(waitingFor: "SyncRep")
            #expect(try await finishing.value)
            let record = StoreBench.record(bench, message: "title")
            let recording = Task { try await store.recordUsage(record) }
            try await server.terminate(waitingFor: "SyncRep")
            // Done again it finds itself done, but notes that in a commit of its own.
            try await server.sql("ALTER SYSTEM RESET synchronous_standby_names")
            try await server.sql("SELECT pg_reload_conf()")
            try await recording.value
            #expect(try await store.query("SELECT count(*)::text FROM messages") == ["2"])
            #expect(try await store.query("SELECT count(*)::text FROM usage") == ["2"])
            #expect(try await store.deleteConversation(start.conversationID, of: bench.user) != nil)
        }
    }

    // MARK: Outages

    @Test func aRestartIsSurvived() async throws {
        try await withPrivateServer { server, store throws in
            let bench = StoreBench(store: store, clock: ManualClock())
            let begun = try await bench.begin(bench.start(.newConversation(title: "A")))
            try await server.restart()
            let found = try await eventually { try await store.run(begun.answer.id, of: bench.user) }
            #expect(found != nil)
            try await server.kill()
            let error = await failure { _ = try await store.run(begun.answer.id, of: bench.user) }
            #expect(error?.code == .storageUnavailable)
            #expect(error?.isRetryable == true)
            try await server.start()
            #expect(try await eventually { try await bench.finish(begun) })
        }
    }

    @Test func callsFailFastWhileTheServerIsDown() async throws {
        try await withPrivateServer({ $0.connectTimeout = .seconds(60) }) { server, store throws in
            try await server.kill()
            for _ in 0..<50 {
                #expect(await failure { _ = try await store.document("a", of: "u") }?.code == .storageUnavailable)
            }
        }
    }

    @Test func aPausedServerIsGivenUpInTime() async throws {
        try await PostgresServer.with { server in
            let database = try await impatientDatabase(
                server.url(database: "postgres"), wait: .milliseconds(500), statement: .milliseconds(500))
            try server.pause()
            for _ in 0..<3 {
                let error = await failure { try await database.query("SELECT 'b'") }
                #expect(error?.code == .storageUnavailable)
                #expect(error?.isRetryable == true)
            }
            try server.resume()
            #expect(try await eventually { try await database.query("SELECT 'c'") } == ["c"])
        }
    }

    @Test func aServerThatTakesNoMoreConnectionsIsShared() async throws {
        // Three are kept for the superuser, whom the store is not.
        let settings = ["max_connections=6", "superuser_reserved_connections=3"]
        try await PostgresServer.with(settings: settings) { server in
            try await server.sql("CREATE ROLE plain LOGIN PASSWORD 'plain'")
            try await server.sql("CREATE DATABASE chat OWNER plain")
            let url = server.url(database: "chat", user: "plain", password: "plain")
            let store = try await openStore(url)
            let calls = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 { group.addTask { try await store.query("SELECT pg_sleep(0.01)::text").count } }
                return try await group.reduce(0, +)
            }
            #expect(calls == 40)
            let other = await failure {
                let greedy = try await openStore(url)
                await greedy.close()
            }
            #expect(other?.message == "The database takes no more connections." || other == nil)
            await store.close()
        }
    }

    @Test func aReadOnlyDatabaseIsTold() async throws {
        let server = try await PostgresServer.shared
        try await server.withDatabase { name in
            let store = try await openStore(server.url(database: name))
            try await server.sql("ALTER DATABASE \(name) SET default_transaction_read_only = on")
            try await store.query("SELECT set_config('default_transaction_read_only', 'on', false)")
            let error = await failure { try await store.saveDocument("a", "{}", of: "u") }
            #expect(error?.message == "The database cannot be written.")
            try await server.sql("ALTER DATABASE \(name) RESET default_transaction_read_only")
            try await eventually { try await store.saveDocument("a", "{}", of: "u") }
            await store.close()
        }
    }

    // MARK: Deadlines and cancelling

    @Test func aSlowStatementIsStopped() async throws {
        try await PostgresServer.withScratchDatabase { url in
            let database = try await impatientDatabase(url, wait: .seconds(60), statement: .milliseconds(500))
            let first = try await eventually { try await database.query("SELECT pg_backend_pid()::text") }
            let error = await failure { try await database.query("SELECT pg_sleep(600)::text") }
            #expect(error?.message == "The database did not answer in time.")
            // The connection is as good as before.
            #expect(try await eventually { try await database.query("SELECT pg_backend_pid()::text") } == first)
        }
    }

    @Test func aCancelledReadStopsItsStatement() async throws {
        let server = try await PostgresServer.shared
        try await server.withDatabase { name in
            let store = try await openStore(server.url(database: name))
            let slow = Task { try await store.query("SELECT pg_sleep(600)::text") }
            try await server.waitFor("pg_sleep", in: name)
            slow.cancel()
            let error = await failure { _ = try await slow.value }
            #expect(error?.code == .cancelled)
            let active = "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)' AND state = 'active'"
            #expect(try await server.sql(active) == "0")
            #expect(try await store.query("SELECT 'a'") == ["a"])
            await store.close()
        }
    }

    @Test func aCallWaitsForAConnectionOnlySoLong() async throws {
        try await PostgresServer.withScratchDatabase { url in
            let database = try await impatientDatabase(url, wait: .milliseconds(100), statement: .seconds(600))
            let slow = Task { try await database.query("SELECT pg_sleep(600)::text") }
            try await eventually { guard database.pool.isBusy else { throw NotYet() } }
            let error = await failure { try await database.query("SELECT 'a'") }
            #expect(error?.code == .storageUnavailable)
            #expect(error?.detail?.contains("no connection was free") == true)
            slow.cancel()
            #expect(await failure { _ = try await slow.value }?.code == .cancelled)
        }
    }

    @Test func conflictsAreTriedAgain() async throws {
        try await withStore { store, _ throws in
            let tries = Counter()
            let result = try await store.database.write { connection, _ in
                if tries.next() < 3 {
                    _ = try connection.one("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$")
                }
                return try connection.one("SELECT 'done'").first { try $0.text() }
            }
            #expect(result == "done")
            let error = await failure {
                try await store.database.write { connection, _ in
                    _ = try connection.one("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")
                }
            }
            #expect(error?.code == .storageUnavailable)
        }
    }

    @Test func whatIsClosedRefuses() async throws {
        try await withStore { store, _ throws in
            await store.close()
            #expect(await failure { _ = try await store.document("a", of: "u") }?.code == .storageUnavailable)
            await store.close()
        }
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

extension StoreBench {
    static func record(_ bench: StoreBench, message: String) -> UsageRecord {
        UsageRecord(
            userID: bench.user, messageID: message, purpose: .answer, provider: "demo", model: "echo",
            onOperatorKey: true, usage: TokenUsage(inputTokens: 5, outputTokens: 7), costMicroUSD: 11,
            createdAt: bench.date)
    }
}

extension PostgresServer {
    /// Waits until a statement with that text runs in a database.
    func waitFor(_ text: String, in database: String) async throws {
        let sql = """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = '\(database)' AND state = 'active' AND query LIKE '%\(text)%' AND pid <> pg_backend_pid()
            """
        try await eventually {
            guard try await self.sql(sql) != "0" else { throw NotYet() }
        }
    }

    /// Waits until a connection waits for something, and ends it.
    func terminate(waitingFor event: String) async throws {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = '\(event)'"
        try await eventually { guard try await self.sql(sql).hasPrefix("t") else { throw NotYet() } }
    }

    /// Waits for such a statement and ends its connection.
    func terminate(_ text: String, in database: String) async throws {
        try await waitFor(text, in: database)
        try await sql(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = '\(database)' AND state = 'active' AND query LIKE '%\(text)%' AND pid <> pg_backend_pid()
            """)
    }
}

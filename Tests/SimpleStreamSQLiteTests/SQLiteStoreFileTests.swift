import Foundation
import GRDB
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamSQLite

/// What SQLite alone promises: about its file, its schema and other processes.
@Suite struct SQLiteStoreFileTests {
    /// The schema's version.
    private static let newest = Schema.migrations.count

    /// A step that comes after it.
    private static let next = Migration(
        version: newest + 1, sql: "CREATE TABLE extra (name TEXT NOT NULL) STRICT; INSERT INTO extra VALUES ('made');")

    // MARK: Schema

    @Test func migratesAfterACopy() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            try await withStore(path) { try await $0.saveDocument("a", "{}", of: "u") }
            #expect(try backups(directory) == [])
            try await withStore(path, migrations: Schema.migrations + [Self.next]) { store throws in
                #expect(try await store.document("a", of: "u") == "{}")
                #expect(try await store.read { try String.fetchOne($0, sql: "SELECT name FROM extra") } == "made")
            }
            #expect(try backups(directory) == ["s.sqlite.backup-v\(Self.newest)"])
            #expect(try mode("\(path).backup-v\(Self.newest)") == 0o600)
            try await withStore("\(path).backup-v\(Self.newest)") { store throws in
                #expect(try await store.document("a", of: "u") == "{}")
            }
            try await withStore(path, migrations: Schema.migrations + [Self.next]) { _ in }
            #expect(try backups(directory).filter { $0.hasSuffix("backup-v\(Self.newest + 1)") } == [])
        }
    }

    /// Every version ever released is brought up to date, with the rows of a server without accounts in it.
    @Test(arguments: 1..<newest)
    func filesOfOldVersionsAreBroughtUpToDate(version: Int) async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            try await withStore(path, migrations: Array(Schema.migrations.prefix(version))) { store throws in
                try await store.saveDocument("settings", "{}", of: "local")
                try await store.write { db in
                    try db.execute(
                        sql: "INSERT INTO attachments VALUES ('a', 'local', NULL, 'a.txt', 'text/plain', 5000, 1)")
                }
            }
            try await withStore(path) { store throws in
                #expect(try await store.document("settings", of: "local") == "{}")
                #expect(try await store.storedBytes(of: "local") == 5000)
                #expect(try await store.deleteUnsentAttachments(olderThan: .seconds(1), limit: 9) == ["a"])
                #expect(try await store.user("local") == nil)
            }
            #expect(try backups(directory) == ["s.sqlite.backup-v\(version)"])
        }
    }

    @Test func aFailingStepChangesNothing() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            try await withStore(path) { try await $0.saveDocument("a", "{}", of: "u") }
            let broken = Migration(
                version: Self.newest + 2, sql: "CREATE TABLE half (a); CREATE TABLE conversations (a);")
            await #expect(throws: ChatError.self) {
                try await withStore(path, migrations: Schema.migrations + [Self.next, broken]) { _ in }
            }
            try await withStore(path) { store throws in
                #expect(try await store.document("a", of: "u") == "{}")
                #expect(try await store.read { try $0.tableExists("extra") || $0.tableExists("half") } == false)
            }
        }
    }

    @Test func manyMigratingAtOnceMigrateOnce() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            for migrations in [Schema.migrations, Schema.migrations + [Self.next]] {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            let store = try await SQLiteStore(path: path, busyTimeout: 60, migrations: migrations)
                            try await store.close()
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await withStore(path, migrations: Schema.migrations + [Self.next]) { store throws in
                #expect(try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM extra") } == 1)
            }
            #expect(try backups(directory) == ["s.sqlite.backup-v\(Self.newest)"])
        }
    }

    @Test func aNewerFileIsRefusedUntouched() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            try await withStore(path, migrations: Schema.migrations + [Self.next]) { _ in }
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let error = await #expect(throws: ChatError.self) { try await withStore(path) { _ in } }
            #expect(error?.code == .storageUnavailable)
            #expect(error?.message.contains("schema version \(Self.newest + 1),") == true)
            #expect(error?.message.contains("up to \(Self.newest).") == true)
            #expect(error?.message.contains(directory) == false)
            #expect(error?.detail?.hasSuffix("/s.sqlite") == true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    @Test func aStrangersFileIsRefusedUntouched() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            let queue = try DatabaseQueue(path: path)
            try await queue.write { try $0.execute(sql: "CREATE TABLE theirs (a)") }
            try queue.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let error = await #expect(throws: ChatError.self) { try await withStore(path) { _ in } }
            #expect(error?.message.contains("another program") == true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    @Test func keysOfTheFirstSchemaGetADefault() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            try await withStore(path, migrations: Array(Schema.migrations.prefix(1))) { store throws in
                try await store.write { db in
                    for provider in ["openai", "anthropic"] {
                        try db.execute(
                            sql: """
                                INSERT INTO user_keys VALUES ('u', ?, '', 'abcd', 'k', x'00', x'01', x'02', NULL,
                                    'valid', 'Fine.', 1, 2)
                                """,
                            arguments: [provider])
                    }
                }
            }
            try await withStore(path) { store throws in
                let keys = try await store.keys(of: "u")
                #expect(keys.map(\.isDefault) == [true, false])
                #expect(keys.map(\.fingerprint) == [nil, nil])
                #expect(keys.map(\.box.ciphertext) == [[1], [1]])
            }
        }
    }

    /// What is kept of a deleted user's quotas names nobody, and goes with its period.
    @Test func quotasOfFormerUsersGo() async throws {
        try await withScratchDirectory { directory in
            let clock = ManualClock()
            let store = try await SQLiteStore(
                path: "\(directory)/s.sqlite", migrations: Schema.migrations, now: clock.now)
            let identity = Identity(issuer: "https://id.example", subject: "ann")
            let ann = try await store.signIn(
                identity, as: UserAccount(id: UUIDv7.make(), kind: .member, name: "Ann", createdAt: clock.now()))
            let quota = Quota(scope: "user:\(ann.id)", unit: .messages, period: .day, limit: 9)
            try await store.spend([QuotaCharge(quota, amount: 3)])
            _ = try await store.deleteUser(ann.id)
            func keys() async throws -> [String] {
                try await store.read { try String.fetchAll($0, sql: "SELECT key FROM quota_use") }
            }
            let left = try await keys()
            let key = try #require(left.first)
            #expect(left.count == 1)
            #expect(key.hasPrefix("former:") && key.hasSuffix("|messages|day"))
            for text in ["ann", ann.id, "example"] { #expect(!key.contains(text)) }
            _ = try await store.deleteExpiredSignIns()
            #expect(try await keys() == left)
            clock.advance(milliseconds: 86_400_000)
            _ = try await store.deleteExpiredSignIns()
            #expect(try await keys() == [])
            try await store.close()
        }
    }

    // MARK: File

    @Test func theFileIsItsOwnersOnly() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/new/deep/s.sqlite"
            try await withStore(path, exclusive: true) { store throws in
                try await store.saveDocument("a", "{}", of: "u")
                for suffix in ["", "-wal", "-shm", ".lock"] { #expect(try mode(path + suffix) == 0o600, "\(suffix)") }
            }
            #expect(try mode("\(directory)/new") == 0o700)
            #expect(try mode("\(directory)/new/deep") == 0o700)
        }
    }

    @Test func whatReturnedIsInTheFileAtOnce() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            let copy = "\(directory)/copy.sqlite"
            try await withStore(path) { store throws in
                for index in 0..<50 { try await store.saveDocument("d\(index)", "{}", of: "u") }
                // As after kill -9: the files as they are, no index, nothing closed.
                for suffix in ["", "-wal"] {
                    try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
                }
            }
            try await withStore(copy) { store throws in
                for index in 0..<50 { #expect(try await store.document("d\(index)", of: "u") == "{}") }
            }
        }
    }

    @Test func writesAreSynced() async throws {
        try await withScratchDirectory { directory in
            try await withStore("\(directory)/s.sqlite") { store throws in
                let settings = try await store.write { db in
                    [
                        try String.fetchOne(db, sql: "PRAGMA synchronous"),
                        try String.fetchOne(db, sql: "PRAGMA journal_mode"),
                        try String.fetchOne(db, sql: "PRAGMA foreign_keys"),
                    ]
                }
                #expect(settings == ["2", "wal", "1"])
            }
        }
    }

    @Test(arguments: ["not a database at all, but long enough to have a header of its own, one would think......"])
    func aDamagedFileIsNamedSo(bytes: String) async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            try Data(String(repeating: bytes, count: 100).utf8).write(to: URL(fileURLWithPath: path))
            let error = await #expect(throws: ChatError.self) { try await withStore(path) { _ in } }
            #expect(error?.code == .storageUnavailable)
            #expect(error?.message == "The database file is damaged.")
            #expect(error?.isRetryable == false)
        }
    }

    @Test func damagedRowsThrowAndDoNotTrap() async throws {
        try await withScratchDirectory { directory in
            try await withStore("\(directory)/s.sqlite") { store throws in
                let bench = StoreBench(store: store, clock: ManualClock())
                let begun = try await bench.turn()
                let broken = [
                    "role = 'robot'", "status = 'odd'", "usage = '{'", "citations = '[1]'", "attachments = '{}'",
                    "liked = 7, provider_state = 'null and void'",
                ]
                for change in broken {
                    try await store.write { try $0.execute(sql: "UPDATE messages SET \(change)") }
                    let error = await #expect(throws: ChatError.self) {
                        _ = try await store.run(begun.answer.id, of: bench.user)
                    }
                    #expect(error?.code == .storageUnavailable)
                }
            }
        }
    }

    @Test(arguments: ["", "/dev/null/x/s.sqlite", "/proc/nowhere/s.sqlite", "a\0b"])
    func impossiblePathsAreRefused(path: String) async {
        let error = await #expect(throws: ChatError.self) { try await withStore(path) { _ in } }
        #expect(error?.code == .storageUnavailable)
    }

    // MARK: Others

    @Test func aSecondServerIsRefusedButNotOtherPrograms() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            let link = "\(directory)/link.sqlite"
            try await withStore(path, exclusive: true) { server throws in
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
                for same in [path, link] {
                    let error = await #expect(throws: ChatError.self) {
                        try await withStore(same, exclusive: true) { _ in }
                    }
                    #expect(error?.code == .storageUnavailable)
                    #expect(error?.message.contains("Another server") == true)
                }
                try await withStore(path) { other throws in
                    try await other.saveDocument("a", "{}", of: "u")
                    #expect(try await server.document("a", of: "u") == "{}")
                }
            }
            try await withStore(path, exclusive: true) { _ in }
        }
    }

    @Test func aLockedDatabaseIsWaitedForThenRefused() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            try await withStore(path, busyTimeout: 0.01) { store throws in
                var configuration = Configuration()
                configuration.allowsUnsafeTransactions = true
                let other = try DatabaseQueue(path: path, configuration: configuration)
                try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
                let error = await #expect(throws: ChatError.self) { try await store.saveDocument("a", "{}", of: "u") }
                #expect(error?.code == .storageUnavailable)
                #expect(error?.isRetryable == true)
                #expect(try await store.document("a", of: "u") == nil)
                try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
                try other.close()
                try await store.saveDocument("a", "{}", of: "u")
            }
        }
    }

    @Test func aFullDiskRefusesWholeChangesOnly() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            let store = try await SQLiteStore(path: path, maximumPageCount: 100, migrations: Schema.migrations)
            let bench = StoreBench(store: store, clock: ManualClock())
            let begun = try await bench.begin(bench.start(.newConversation(title: "A")))
            let large = bench.start(.newConversation(title: "B"), text: String(repeating: "words ", count: 200_000))
            let error = await #expect(throws: ChatError.self) { _ = try await store.beginRun(large) }
            #expect(error?.code == .storageUnavailable)
            #expect(error?.message.contains("full") == true)
            #expect(try await store.conversation(large.conversationID, of: bench.user) == nil)
            #expect(try await store.conversations(of: bench.user, matching: "words", after: nil, limit: 9).items == [])
            #expect(try await bench.finish(begun))
            try await store.close()
        }
    }

    @Test func aClosedStoreThrows() async throws {
        try await withScratchDirectory { directory in
            let store = try await SQLiteStore(path: "\(directory)/s.sqlite")
            try await store.close()
            try await store.close()
            await #expect(throws: ChatError.self) { _ = try await store.document("a", of: "u") }
            await #expect(throws: ChatError.self) { try await store.saveDocument("a", "{}", of: "u") }
        }
    }

    @Test func aReadOfACancelledTaskSaysSo() async throws {
        try await withScratchDirectory { directory in
            try await withStore("\(directory)/s.sqlite") { store throws in
                let task = Task {
                    unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                    return try await store.document("a", of: "u")
                }
                let error = await #expect(throws: ChatError.self) { _ = try await task.value }
                #expect(error?.code == .cancelled)
            }
        }
    }

    @Test func twoProcessesShareRunsByTheirFences() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/s.sqlite"
            try await withStore(path, exclusive: true) { server throws in
                try await withStore(path) { tool throws in
                    let clock = ManualClock()
                    let one = StoreBench(store: server, clock: clock)
                    // Both stores go by the real clock: a lease that lasts on a slow machine, too.
                    let lease = Duration.seconds(600)
                    let begun = try await one.begin(
                        one.start(.newConversation(title: "A"), node: "server", lease: lease))
                    let busy = try await tool.beginRun(one.start(.activeBranch(begun.conversation.id), node: "tool"))
                    #expect(busy.summary == "busy \(begun.answer.id)")
                    #expect(
                        try await tool.takeOverRuns(
                            node: "tool", includingOwn: true, among: nil, lease: lease, limit: 9)
                            == [])
                    #expect(try await tool.requestStop(begun.answer.id, of: one.user))
                    let renewal = RunCheckpoint(fence: begun.fence, lease: lease, progress: nil)
                    #expect(try await server.checkpoint([renewal]).stopRequested == [begun.answer.id])
                    #expect(try await one.finish(begun))
                }
            }
        }
    }

    // MARK: -

    private func withStore(
        _ path: String, exclusive: Bool = false, busyTimeout: Double = 5,
        migrations: [Migration] = Schema.migrations, _ body: (SQLiteStore) async throws -> Void
    ) async throws {
        let store = try await SQLiteStore(
            path: path, exclusive: exclusive, busyTimeout: busyTimeout, migrations: migrations)
        try await body(store)
        try await store.close()
    }

    private func backups(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.contains("backup") }
            .filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? NSNumber).intValue
    }
}

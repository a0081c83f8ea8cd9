import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamPostgres

/// Nodes that do the same at once.
///
/// Each has connections of its own.
@Suite(.enabled(if: PostgresServer.isAvailable)) struct PostgresRaceTests {
    private static let nodeCount = 3
    private static let callsPerNode = 8

    /// Runs one call many times on several stores at once.
    private func race<R: Sendable>(
        _ nodes: [PostgresStore], _ call: @escaping @Sendable (PostgresStore, Int) async throws -> R
    ) async throws -> [R] {
        try await withThrowingTaskGroup(of: R.self) { group in
            for (index, node) in nodes.enumerated() {
                for number in 0..<Self.callsPerNode { group.addTask { try await call(node, index * 100 + number) } }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func withNodes<R>(_ body: ([PostgresStore], StoreBench) async throws -> R) async throws -> R {
        try await PostgresServer.withScratchDatabase { url in
            var nodes: [PostgresStore] = []
            for _ in 0..<Self.nodeCount { nodes.append(try await openStore(url)) }
            let result = try await body(nodes, StoreBench(store: nodes[0], clock: ManualClock()))
            for node in nodes { await node.close() }
            return result
        }
    }

    @Test func oneRequestBeginsOnce() async throws {
        try await withNodes { nodes, bench throws in
            for round in 0..<5 {
                let summaries = try await race(nodes) { node, _ in
                    try await node.beginRun(bench.start(.newConversation(title: "A"), request: "r\(round)")).summary
                }
                #expect(summaries.count { $0 == "begun" } == 1)
                #expect(Set(summaries.filter { $0.hasPrefix("duplicate ") }).count == 1)
                #expect(summaries.count { $0.hasPrefix("duplicate ") } == summaries.count - 1)
            }
            let page = try await nodes[0].conversations(of: bench.user, matching: nil, after: nil, limit: 200)
            #expect(page.items.count == 5)
        }
    }

    @Test func oneRequestInOneConversationBeginsOnce() async throws {
        try await withNodes { nodes, bench throws in
            let id = try await bench.turn().conversation.id
            let summaries = try await race(nodes) { node, _ in
                try await node.beginRun(bench.start(.activeBranch(id), request: "r")).summary
            }
            #expect(summaries.count { $0 == "begun" } == 1)
            #expect(summaries.count { $0.hasPrefix("duplicate ") } == summaries.count - 1)
        }
    }

    @Test func aUsersFilesFit() async throws {
        try await withNodes { nodes, bench throws in
            let saved = try await race(nodes) { node, _ in
                let attachment = SimpleStreamKit.Attachment(
                    id: UUIDv7.make(), userID: bench.user, name: "a", mime: "text/plain", size: 10_000,
                    createdAt: bench.date)
                return await failure { try await node.saveAttachment(attachment, limit: 75_000) }?.code
            }
            #expect(saved.count { $0 == .payloadTooLarge } == saved.count - 7)
            #expect(saved.count { $0 == nil } == 7)
            #expect(try await nodes[1].storedBytes(of: bench.user) == 70_000)
        }
    }

    @Test func oneBranchTakesOneRun() async throws {
        try await withNodes { nodes, bench throws in
            let first = try await bench.turn()
            for _ in 0..<5 {
                let summaries = try await race(nodes) { node, number in
                    try await node.beginRun(
                        bench.start(.activeBranch(first.conversation.id), request: "\(number)-\(UUIDv7.make())")
                    ).summary
                }
                #expect(summaries.count { $0 == "begun" } == 1)
                #expect(summaries.count { $0.hasPrefix("busy ") } == summaries.count - 1)
                let runs = try await nodes[1].activeRuns(of: bench.user, in: nil)
                #expect(runs.count == 1)
                for run in runs {
                    var answer = run.message
                    answer.status = .complete
                    let fence = RunFence(messageID: answer.id, node: run.node, leaseEpoch: run.leaseEpoch)
                    let finish = RunFinish(fence: fence, answer: answer, usage: nil)
                    let ended = try await race(nodes) { node, _ in try await node.finishRun(finish) }
                    #expect(ended.count { $0 } == 1)
                }
            }
        }
    }

    @Test func aUsersLimitHoldsAcrossConversations() async throws {
        try await withNodes { nodes, bench throws in
            let summaries = try await race(nodes) { node, _ in
                var start = bench.start(.newConversation(title: "A"))
                start.maxActiveRuns = 4
                return try await node.beginRun(start).summary
            }
            #expect(summaries.count { $0 == "begun" } == 4)
            #expect(try await nodes[0].activeRuns(of: bench.user, in: nil).count == 4)
        }
    }

    @Test func aQuotaIsNeverOverdrawn() async throws {
        try await withNodes { nodes, bench throws in
            let quota = Quota(scope: "everyone", unit: .messages, period: .month, limit: 10)
            let summaries = try await race(nodes) { node, _ in
                var start = bench.start(.newConversation(title: "A"))
                start.charges = [QuotaCharge(quota, amount: 1)]
                return try await node.beginRun(start).summary
            }
            #expect(summaries.count { $0 == "begun" } == 10)
            #expect(try await nodes[1].quotaUse([quota]).map(\.used) == [10])
            #expect(try await nodes[0].activeRuns(of: bench.user, in: nil).count == 10)
        }
    }

    @Test func oneIdentityMakesOneUser() async throws {
        try await withNodes { nodes, bench throws in
            let identity = Identity(issuer: "https://github.com", subject: "7")
            let users = try await race(nodes) { node, _ in
                let user = UserAccount(id: UUIDv7.make(), kind: .member, name: "A", createdAt: bench.date)
                return try await node.signIn(identity, as: user).id
            }
            #expect(Set(users).count == 1)
        }
    }

    @Test func conversationsAreDeletedUnderRunningWrites() async throws {
        try await withNodes { nodes, bench throws in
            let begun = try await bench.begin(bench.start(.newConversation(title: "A")))
            let deleted = try await race(nodes) { node, number in
                if number % 2 == 0 {
                    return try await node.deleteConversation(begun.conversation.id, of: bench.user) != nil
                }
                var answer = begun.answer
                answer.status = .complete
                _ = try await node.finishRun(RunFinish(fence: begun.fence, answer: answer, usage: nil))
                return false
            }
            #expect(deleted.count { $0 } == 1)
            #expect(try await nodes[0].query("SELECT count(*)::text FROM messages") == ["0"])
            #expect(try await nodes[0].query("SELECT count(*)::text FROM search") == ["0"])
        }
    }

    @Test func nodesMigrateOnce() async throws {
        try await PostgresServer.withScratchDatabase { url in
            let second = Migration(
                version: Schema.migrations.count + 1, sql: "CREATE TABLE extra (a int); INSERT INTO extra VALUES (1);")
            for migrations in [Schema.migrations, Schema.migrations + [second]] {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            let store = try await PostgresStore(
                                configuration: patientConfiguration(url), migrations: migrations)
                            await store.close()
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let store = try await PostgresStore(
                configuration: patientConfiguration(url), migrations: Schema.migrations + [second])
            #expect(try await store.query("SELECT count(*)::text FROM extra") == ["1"])
            await store.close()
        }
    }
}

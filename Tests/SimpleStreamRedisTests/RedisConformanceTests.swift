import SimpleStreamKit
import SimpleStreamRedis
import TestSupport
import Testing

@Suite(.enabled(if: RedisServer.isAvailable))
struct RedisConformanceTests {
    @Test func runLogConforms() async throws {
        try await withRedis { _, clients in
            for check in RunLogConformance.checks { try await check.run(RedisRunLog(clients[0])) }
        }
    }

    @Test func pubSubConforms() async throws {
        try await withRedis { _, clients in
            for check in PubSubConformance.checks { try await check.run(RedisPubSub(clients[0])) }
        }
    }

    @Test func countersConform() async throws {
        try await withRedis { _, clients in
            for check in CountersConformance.checks {
                try await check.run(RedisCounters(clients[0])) { try await Task.sleep(for: $0) }
            }
        }
    }

    @Test func nodesConform() async throws {
        try await withRedis(clients: 2) { _, clients in
            for check in PubSubConformance.betweenNodes {
                try await check.run(RedisPubSub(clients[0]), RedisPubSub(clients[1]))
            }
        }
    }
}

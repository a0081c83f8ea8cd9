import Logging
import SimpleStreamRedis
import TestSupport

/// Runs `body` with clients of a new server, connected; they end with it.
func withRedis<R: Sendable>(
    clients count: Int = 1,
    _ options: RedisServer.Options = RedisServer.Options(),
    configure: (inout RedisConfiguration) -> Void = { _ in },
    _ body: @Sendable (RedisServer, [RedisClient]) async throws -> R
) async throws -> R {
    try await RedisServer.run(options) { redis in
        var configuration = try RedisConfiguration(url: redis.url)
        configuration.connectTimeout = .seconds(20)
        configuration.commandTimeout = .seconds(20)
        configuration.appendTimeout = .seconds(20)
        configure(&configuration)
        return try await withClients(Array(repeating: configuration, count: count)) { try await body(redis, $0) }
    }
}

/// Runs `body` with clients; they need not be connected yet.
func withClients<R: Sendable>(
    _ configurations: [RedisConfiguration], _ body: ([RedisClient]) async throws -> R
) async throws -> R {
    let clients = configurations.map { configuration in
        RedisClient(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        for client in clients { group.addTask { await client.run() } }
        defer { group.cancelAll() }
        return try await body(clients)
    }
}

/// Waits until something is so. What is waited for is another process's doing, which gives no sign.
func eventually(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<6000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw NothingHappened()
}

/// What was waited for did not come.
struct NothingHappened: Error {}

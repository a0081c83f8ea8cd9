import TestSupport
import Testing

/// The server other tests lean on.
@Suite(.enabled(if: RedisServer.isAvailable))
struct RedisServerTests {
    @Test func startsStopsAndStartsAgainEmpty() async throws {
        try await RedisServer.run { redis in
            try await redis.command("SET", "a", "1")
            #expect(try await redis.command("GET", "a") == "1")
            try await redis.restart()
            #expect(try await redis.command("GET", "a") == "")
            await redis.kill()
            await #expect(throws: RedisServer.Failure.self) { try await redis.command("PING") }
        }
    }

    @Test func aPausedServerGoesOn() async throws {
        try await RedisServer.run { redis in
            redis.pause()
            redis.resume()
            let answer = try await redis.command("PING")
            #expect(answer == "PONG")
        }
    }

    @Test func manyRunAtOnce() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    var options = RedisServer.Options()
                    options.password = "secret-\(number)"
                    try await RedisServer.run(options) { redis in
                        let answer = try await redis.command("PING")
                        #expect(answer == "PONG")
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

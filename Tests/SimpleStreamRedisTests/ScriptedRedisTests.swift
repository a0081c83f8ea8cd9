import SimpleStreamKit
import Synchronization
import TestSupport
import Testing

@testable import SimpleStreamRedis

/// A peer that does not behave, or plays a cluster or a sentinel.
@Suite struct ScriptedRedisTests {
    private static func frame(_ seq: Int) -> Frame {
        Frame(kind: .event, messageID: "r", fromSeq: seq, seq: seq, json: Array("{}".utf8))
    }

    /// What a master says to a handshake; to anything else nil.
    private static func greeting(_ received: String) -> [UInt8]? {
        guard received.contains("ROLE") || received.contains("PING") else { return nil }
        let role = received.contains("ROLE") ? "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n" : ""
        let hello = received.contains("HELLO") ? "-ERR unknown command 'HELLO'\r\n" : ""
        return Array((hello + role + "+PONG\r\n").utf8)
    }

    private static func configuration(_ redis: ScriptedRedis) throws -> RedisConfiguration {
        try RedisConfiguration(url: redis.url)
    }

    @Test(arguments: [
        "", "$10000000000\r\n", "*1000000\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\0\0",
        "+OK\r\n+OK\r\n+OK\r\n+OK\r\n",
        "-DENIED\r\n-DENIED\r\n-DENIED\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
    ])
    func nonsenseInPlaceOfAGreeting(answer: String) async throws {
        let connections = Mutex(0)
        try await ScriptedRedis.run { _, number in
            connections.withLock { $0 = max($0, number) }
            return Array(answer.utf8)
        } _: { redis in
            var configuration = try Self.configuration(redis)
            configuration.connectTimeout = .milliseconds(200)
            try await withClients([configuration]) { clients in
                await #expect(throws: ChatError.self) {
                    try await RedisRunLog(clients[0]).append([Self.frame(1)], to: "r")
                }
                #expect(!clients[0].isUp)
                // It goes on trying.
                try await eventually { connections.withLock { $0 } > 3 }
            }
        }
    }

    @Test(arguments: [
        "$10000000000\r\n", "*1000000\r\n", "junk\r\n", ":1\r\n:1\r\n:1\r\n:1\r\n", "*2\r\n$1\r\na\r\n*-7\r\n",
        "-READONLY no\r\n",
    ])
    func nonsenseInPlaceOfAnAnswer(answer: String) async throws {
        try await ScriptedRedis.run { received, _ in
            Self.greeting(received) ?? Array(answer.utf8)
        } _: { redis in
            try await withClients([try Self.configuration(redis)]) { clients in
                let log = RedisRunLog(clients[0])
                for _ in 0..<5 {
                    await #expect(throws: ChatError.self) {
                        let frames = try await log.frames(of: "r", after: 0)
                        // An answer of another kind is no log.
                        if frames == nil { throw ChatError(.internal, "nil") }
                    }
                }
            }
        }
    }

    @Test func aServerThatNeverAnswersIsGivenUp() async throws {
        try await ScriptedRedis.run { received, _ in
            Self.greeting(received) ?? []
        } _: { redis in
            var configuration = try Self.configuration(redis)
            configuration.appendTimeout = .milliseconds(100)
            try await withClients([configuration]) { clients in
                let log = RedisRunLog(clients[0])
                for _ in 0..<3 {
                    let error = await #expect(throws: ChatError.self) { try await log.append([Self.frame(1)], to: "r") }
                    #expect(error?.code == .storageUnavailable)
                }
            }
        }
    }

    @Test func whoWaitsBehindASlowAnswerDoesNotWaitForIt() async throws {
        try await ScriptedRedis.run { received, _ in
            Self.greeting(received) ?? []
        } _: { redis in
            var configuration = try Self.configuration(redis)
            configuration.commandTimeout = .seconds(600)
            configuration.appendTimeout = .milliseconds(100)
            try await withClients([configuration]) { clients in
                try await eventually { clients[0].isUp }
                let log = RedisRunLog(clients[0])
                async let reading: Bool = {
                    do throws(ChatError) {
                        _ = try await log.frames(of: "r", after: 0)
                        return true
                    } catch {
                        return false
                    }
                }()
                // One of them opens the circuit, which also ends the wait for the slow one.
                try await eventually {
                    await #expect(throws: ChatError.self) { try await log.append([Self.frame(1)], to: "r") }
                    return !clients[0].isUp
                }
                let hasRead = await reading
                #expect(!hasRead)
            }
        }
    }

    @Test func whatWaitsIsBounded() async throws {
        try await ScriptedRedis.run { received, _ in
            Self.greeting(received) ?? []
        } _: { redis in
            var configuration = try Self.configuration(redis)
            configuration.commandTimeout = .seconds(600)
            configuration.maxWaitingRequests = 100
            try await withClients([configuration]) { clients in
                let client = clients[0]
                try await eventually { client.isUp }
                let overloaded = await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<300 {
                        group.addTask {
                            do throws(RedisError) {
                                _ = try await client.send(
                                    [RedisCommand("GET", "k")], key: nil, timeout: .milliseconds(300))
                                return false
                            } catch {
                                return error.code == .overloaded
                            }
                        }
                    }
                    return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                // A few may leave before the others come, no more wait than may.
                #expect(overloaded > 0)
            }
        }
    }

    @Test func aClusterIsFollowed() async throws {
        let asked = Mutex<[String]>([])
        try await ScriptedRedis.run { received, _ in
            Self.greeting(received)
                ?? (asked.withLock { asked in
                    if received.contains("ASKING") { return Array("+OK\r\n:7\r\n".utf8) }
                    asked.append(received)
                    return Array(":5\r\n".utf8)
                })
        } _: { second in
            let slot = ClusterSlot.of("k")
            let isMoved = Mutex(false)
            try await ScriptedRedis.run { received, _ in
                let word = isMoved.withLock { $0 } ? "MOVED" : "ASK"
                return Self.greeting(received) ?? Array("-\(word) \(slot) 127.0.0.1:\(second.port)\r\n".utf8)
            } _: { first in
                var patient = try Self.configuration(first)
                patient.connectTimeout = .seconds(30)
                patient.commandTimeout = .seconds(30)
                try await withClients([patient]) { clients in
                    for (number, answer) in [Int64](arrayLiteral: 7, 5, 5).enumerated() {
                        isMoved.withLock { $0 = number > 0 }
                        let get = RedisCommand("GET", "k")
                        let reply = try await clients[0].send([get], key: "k", timeout: .seconds(30))
                        #expect(reply == [.integer(answer)])
                    }
                    #expect(asked.withLock { $0.count } == 2)
                }
            }
        }
    }

    @Test func slotsAreThoseOfTheSpecification() {
        #expect(ClusterSlot.of("123456789") == 0x31C3)
        #expect(ClusterSlot.of("{user1000}.following") == ClusterSlot.of("{user1000}.followers"))
        #expect(ClusterSlot.of("foo{}{bar}") != ClusterSlot.of("bar"))
        #expect(ClusterSlot.of("foo{{bar}}zap") == ClusterSlot.of("{bar"))
        #expect(Redirection(.error("MOVED 16384 h:1")) == nil && Redirection(.error("MOVED 1 h")) == nil)
        #expect(Redirection(.error("MOVED 1 ::1:7000"))?.address == .init(host: "::1", port: 7000))
        #expect(Redirection(.error("ASK 1 :7000"))?.address == .init(host: "", port: 7000))
    }

    @Test func sentinelsAreAskedForTheMaster() async throws {
        try await ScriptedRedis.run { received, _ in
            Self.greeting(received) ?? Array(":3\r\n".utf8)
        } _: { master in
            try await ScriptedRedis.run { _, _ in
                Array("*-1\r\n".utf8)
            } _: { unknowing in
                let port = "\(master.port)"
                try await ScriptedRedis.run { received, _ in
                    guard received.contains("get-master-addr-by-name"), received.contains("mymaster") else {
                        return nil
                    }
                    return Array("*2\r\n$9\r\n127.0.0.1\r\n$\(port.count)\r\n\(port)\r\n".utf8)
                } _: { knowing in
                    let sentinels = "127.0.0.1:\(unknowing.port),127.0.0.1:\(knowing.port)"
                    var configuration = try RedisConfiguration(url: "redis-sentinel://\(sentinels)/mymaster")
                    configuration.connectTimeout = .seconds(20)
                    try await withClients([configuration]) { clients in
                        let reply = try await clients[0].send(
                            [RedisCommand("GET", "k")], key: "k", timeout: .seconds(20))
                        #expect(reply == [.integer(3)])
                    }
                }
            }
        }
    }

    @Test func pausesGrowToTheirLimit() {
        var backoff = Backoff(limit: .seconds(1))
        let pauses = (0..<20).map { _ in backoff.next(chance: 1) }
        #expect(
            pauses.prefix(5) == [
                .milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800),
            ])
        #expect(pauses.dropFirst(5).allSatisfy { $0 == .seconds(1) })
        #expect(backoff.next(chance: 0) == .milliseconds(500))
        backoff.reset()
        #expect(backoff.next(chance: 1) == .milliseconds(50))
    }
}

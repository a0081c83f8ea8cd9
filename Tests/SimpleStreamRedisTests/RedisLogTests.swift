import SimpleStreamKit
import SimpleStreamRedis
import TestSupport
import Testing

/// What the log of runs adds to the rules of every log.
@Suite(.enabled(if: RedisServer.isAvailable))
struct RedisLogTests {
    private static func frame(_ run: String, _ seq: Int, bytes: Int = 10) -> Frame {
        let json = #"{"seq":\#(seq),"text":"\#(String(repeating: "x", count: bytes))"}"#
        return Frame(kind: .event, messageID: run, fromSeq: seq, seq: seq, json: Array(json.utf8))
    }

    @Test func anotherNodeReadsIt() async throws {
        try await withRedis(clients: 2) { _, clients in
            try await RedisRunLog(clients[0]).append((1...250).map { Self.frame("r", $0) }, to: "r")
            for seq in 251...500 { try await RedisRunLog(clients[0]).append([Self.frame("r", seq)], to: "r") }
            for seq in [0, 1, 100, 250, 251, 499, 500] {
                let frames = try await RedisRunLog(clients[1]).frames(of: "r", after: seq)
                #expect(frames == (1...500).dropFirst(seq).map { Self.frame("r", $0) })
            }
        }
    }

    @Test func appendingAgainIsNoErrorAndChangesNothing() async throws {
        try await withRedis { _, clients in
            let log = RedisRunLog(clients[0])
            let frames = [Self.frame("r", 1), Self.frame("r", 2)]
            for _ in 0..<3 { try await log.append(frames, to: "r") }
            #expect(try await log.frames(of: "r", after: 0) == frames)
            let error = await #expect(throws: ChatError.self) {
                try await log.append([Self.frame("r", 2, bytes: 9)], to: "r")
            }
            #expect(error?.code == .interrupted)
        }
    }

    @Test func aClosedLogIsReadAndNotWritten() async throws {
        try await withRedis(clients: 2) { _, clients in
            let logs = clients.map { RedisRunLog($0) }
            try await logs[0].append([Self.frame("r", 1)], to: "r")
            let received = AsyncStream.makeStream(of: [Frame].self)
            let readers = clients.map { RedisPubSub($0) }
            let subscription = readers[1].subscribe(to: "c") { received.continuation.yield($0) }
            await subscription.active()
            for _ in 0..<2 { try await logs[1].close("r") }
            await #expect(throws: ChatError.self) {
                try await readers[0].publish(
                    [Self.frame("r", 2)], to: "c", loggedIn: logs[0], of: "r"
                ) { try $0.get() }
            }
            #expect(try await logs[1].frames(of: "r", after: 0) == [Self.frame("r", 1)])
            #expect(try await logs[1].frames(of: "r", after: 1) == [])
            #expect(try await logs[1].frames(of: "r", after: 2) == nil)
            // Nobody was told what the log refused.
            readers[0].publish([Self.frame("r", 3)], to: "c")
            #expect(await received.stream.first { _ in true } == [Self.frame("r", 3)])
        }
    }

    @Test func holesAreSeen() async throws {
        try await withRedis { _, clients in
            let log = RedisRunLog(clients[0])
            for seq in [1, 2, 5, 6] { try await log.append([Self.frame("r", seq)], to: "r") }
            #expect(try await log.frames(of: "r", after: 0)?.map(\.seq) == [1, 2])
            #expect(try await log.frames(of: "r", after: 2) == [])
            for seq in [3, 7] { #expect(try await log.frames(of: "r", after: seq) == nil) }
            #expect(try await log.frames(of: "r", after: 4)?.map(\.seq) == [5, 6])
        }
    }

    @Test func anAnswerThatGrowsTooLongForgetsItsBeginning() async throws {
        try await withRedis { redis, clients in
            let log = RedisRunLog(clients[0], bytesPerRun: 100_000)
            for seq in 1...200 { try await log.append([Self.frame("r", seq, bytes: 2_000)], to: "r") }
            #expect(try await log.frames(of: "r", after: 0) == nil)
            let frames = try await log.frames(of: "r", after: 190)
            #expect(frames?.map(\.seq) == Array(191...200))
            let length = Int(try await redis.command("XLEN", "ss:run:r")) ?? 0
            #expect((20...60).contains(length))
        }
    }

    @Test func nothingStaysForever() async throws {
        try await withRedis { redis, clients in
            let log = RedisRunLog(clients[0])
            func timeToLive() async throws -> Int { Int(try await redis.command("TTL", "ss:run:r")) ?? 0 }
            try await log.append([Self.frame("r", 1)], to: "r")
            #expect((80_000...86_400).contains(try await timeToLive()))
            await log.expire("r", after: .seconds(3600))
            #expect((3_000...3600).contains(try await timeToLive()))

            try await log.append([Self.frame("s", 1)], to: "s")
            try await redis.restart()
            // A stream that begins anew gets its expiry anew. The client may still hold the old connection.
            try await eventually { (try? await log.append([Self.frame("s", 2)], to: "s")) != nil }
            #expect(Int(try await redis.command("TTL", "ss:run:s")) ?? 0 > 80_000)
            #expect(try await log.frames(of: "s", after: 0) == nil)
            #expect(try await log.frames(of: "s", after: 1)?.map(\.seq) == [2])
        }
    }

    @Test func whatOthersWroteIsNotHandedOut() async throws {
        try await withRedis { redis, clients in
            let log = RedisRunLog(clients[0])
            try await log.append([Self.frame("r", 1)], to: "r")
            try await redis.command("XADD", "ss:run:r", "2-0", "f", "nonsense")
            try await redis.command("XADD", "ss:run:r", "3-0", "a", "1", "b", "2")
            #expect(try await log.frames(of: "r", after: 0)?.map(\.seq) == [1])
            try await redis.command("SET", "ss:run:s", "no stream")
            await #expect(throws: ChatError.self) { try await log.frames(of: "s", after: 0) }
            await #expect(throws: ChatError.self) { try await log.append([Self.frame("s", 1)], to: "s") }
        }
    }
}

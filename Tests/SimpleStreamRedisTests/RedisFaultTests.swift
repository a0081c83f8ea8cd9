import SimpleStreamKit
import SimpleStreamRedis
import Synchronization
import TestSupport
import Testing

/// A real server in trouble, and after it.
@Suite(.enabled(if: RedisServer.isAvailable))
struct RedisFaultTests {
    private static func frame(_ seq: Int) -> Frame {
        Frame(kind: .event, messageID: "r", fromSeq: seq, seq: seq, json: Array(#"{"seq":\#(seq)}"#.utf8))
    }

    private static func refusal(_ log: RedisRunLog, _ seq: Int) async -> ChatError.Code? {
        do throws(ChatError) {
            try await log.append([frame(seq)], to: "r")
            return nil
        } catch {
            return error.code
        }
    }

    @Test func cutConnectionsLoseNothingThatIsLogged() async throws {
        try await withRedis { redis, clients in
            let log = RedisRunLog(clients[0])
            // A connection that fails young is no reason to hope.
            try await log.append([Self.frame(1)], to: "r")
            try await Task.sleep(for: .milliseconds(1100))
            async let cuts: Void = redis.cutConnections()
            for seq in 2...400 { try await log.append([Self.frame(seq)], to: "r") }
            try await cuts
            #expect(try await log.frames(of: "r", after: 0)?.map(\.seq) == Array(1...400))
        }
    }

    @Test func aPausedServerCostsOnePauseAndHeals() async throws {
        try await withRedis(configure: { configuration in
            configuration.appendTimeout = .milliseconds(200)
            configuration.connectTimeout = .milliseconds(500)
        }) { redis, clients in
            let log = RedisRunLog(clients[0])
            try await eventually { await Self.refusal(log, 1) == nil }
            redis.pause()
            var seq = 2
            try await eventually {
                seq += 1
                return await Self.refusal(log, seq) != nil
            }
            // From now on it is refused at once: waiting for each of a thousand would be minutes.
            for number in 1...1000 { #expect(await Self.refusal(log, seq + number) == .storageUnavailable) }
            #expect(!clients[0].isUp)
            redis.resume()
            try await eventually { clients[0].isUp }
            try await eventually {
                seq += 2000
                return await Self.refusal(log, seq) == nil
            }
            #expect(try await log.frames(of: "r", after: seq - 1)?.map(\.seq) == [seq])
            #expect(try await log.frames(of: "r", after: 1)?.map(\.seq).contains(seq) != true)
        }
    }

    @Test func subscriptionsComeBackAfterARestart() async throws {
        try await withRedis(clients: 2) { redis, clients in
            let (here, there) = (RedisPubSub(clients[0]), RedisPubSub(clients[1]))
            let received = Mutex<[Int]>([])
            let subscription = there.subscribe(to: "c") { frames in received.withLock { $0 += frames.map(\.seq) } }
            await subscription.active()
            for round in 1...3 {
                if round > 1 { try await redis.restart() }
                try await eventually {
                    here.publish([Self.frame(round)], to: "c")
                    return received.withLock { $0.contains(round) }
                }
            }
            let numbers = received.withLock { $0 }
            #expect(numbers == numbers.sorted())
        }
    }

    @Test func aServerThatComesLateIsFound() async throws {
        try await RedisServer.run { redis in
            await redis.kill()
            try await withClients([RedisConfiguration(url: redis.url)]) { clients in
                let log = RedisRunLog(clients[0])
                try await eventually { await Self.refusal(log, 1) == .storageUnavailable }
                #expect(!clients[0].isUp)
                try await redis.start()
                try await eventually { clients[0].isUp }
                try await eventually { await Self.refusal(log, 2) == nil }
            }
        }
    }

    @Test func aReplicaIsLeftUntilItIsAMaster() async throws {
        try await withRedis { redis, clients in
            let log = RedisRunLog(clients[0])
            try await log.append([Self.frame(1)], to: "r")
            try await redis.command("REPLICAOF", "127.0.0.1", "1")
            #expect(await Self.refusal(log, 2) == .storageUnavailable)
            try await eventually { !clients[0].isUp }
            try await redis.command("REPLICAOF", "NO", "ONE")
            try await eventually { clients[0].isUp }
            try await log.append([Self.frame(3)], to: "r")
        }
    }

    @Test func aFullServerStillCarriesMessages() async throws {
        try await withRedis(clients: 2) { redis, clients in
            let log = RedisRunLog(clients[0])
            let received = AsyncStream.makeStream(of: [Frame].self)
            let (here, there) = (RedisPubSub(clients[0]), RedisPubSub(clients[1]))
            let subscription = there.subscribe(to: "c") { received.continuation.yield($0) }
            await subscription.active()
            try await redis.command("CONFIG", "SET", "maxmemory", "1")
            try await here.publish([Self.frame(1)], to: "c", loggedIn: log, of: "r") { logged in
                #expect(throws: ChatError.self) { try logged.get() }
            }
            #expect(await received.stream.first { _ in true } == [Self.frame(1)])
            #expect(clients[0].isUp)
            await #expect(throws: ChatError.self) {
                try await RedisCounters(clients[0]).take(1, from: "k", limit: 1, per: .seconds(1))
            }
            try await redis.command("CONFIG", "SET", "maxmemory", "0")
            try await log.append([Self.frame(2)], to: "r")
        }
    }

    @Test func aPasswordThatIsChangedIsTriedAgain() async throws {
        try await withRedis { redis, clients in
            let log = RedisRunLog(clients[0])
            try await log.append([Self.frame(1)], to: "r")
            try await redis.command("CONFIG", "SET", "requirepass", "other")
            try await eventually {
                // A connection that was there stays signed in.
                _ = try? await redis.command(
                    "--pass", "other", "--no-auth-warning", "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                return !clients[0].isUp
            }
            #expect(await Self.refusal(log, 2) == .storageUnavailable)
            try await redis.command("--pass", "other", "--no-auth-warning", "CONFIG", "SET", "requirepass", "")
            try await eventually { clients[0].isUp }
            try await log.append([Self.frame(3)], to: "r")
        }
    }

    @Test func twoSubscribersHereAreOneThere() async throws {
        try await withRedis { redis, clients in
            let pubSub = RedisPubSub(clients[0])
            func count() async throws -> String { try await redis.command("PUBSUB", "NUMSUB", "ss:c") }
            var subscriptions = [pubSub.subscribe(to: "c") { _ in }, pubSub.subscribe(to: "c") { _ in }]
            await subscriptions[1].active()
            #expect(try await count() == "ss:c\n1")
            subscriptions.removeFirst()
            await subscriptions[0].active()
            #expect(try await count() == "ss:c\n1")
            subscriptions = []
            try await eventually { try await count() == "ss:c\n0" }
        }
    }
}

import SimpleStreamKit
import SimpleStreamRedis
import TestSupport
import Testing

/// Ways to a real server.
@Suite(.enabled(if: RedisServer.isAvailable && Programs.areAvailable("openssl")))
struct RedisConnectionTests {
    private func works(_ configuration: RedisConfiguration) async throws -> Bool {
        var configuration = configuration
        configuration.connectTimeout = .seconds(20)
        configuration.commandTimeout = .seconds(20)
        return try await withClients([configuration]) { clients in
            let counters = RedisCounters(clients[0])
            do throws(ChatError) {
                return try await counters.take(1, from: UUIDv7.make(), limit: 1, per: .seconds(9))
                    == .allowed(remaining: 0)
            } catch {
                return false
            }
        }
    }

    @Test func passwordsUsersAndDatabases() async throws {
        var options = RedisServer.Options()
        options.password = "p@ss/word%"
        try await RedisServer.run(options) { redis in
            try await redis.command("ACL", "SETUSER", "ann", "on", ">annspass", "+@all", "~*", "&*")
            let place = "127.0.0.1:\(redis.port)"
            for (url, isRight) in [
                ("redis://:p%40ss%2Fword%25@\(place)/3", true), ("redis://ann:annspass@\(place)", true),
                ("redis://\(place)", false), ("redis://:wrong@\(place)", false), ("redis://ann:wrong@\(place)", false),
                ("redis://ann:annspass@\(place)/99", false),
            ] {
                let works = try await works(RedisConfiguration(url: url))
                #expect(works == isRight, "\(url)")
            }
            #expect(try await redis.command("-n", "3", "DBSIZE") == "1")
        }
    }

    @Test func tlsChecksTheServer() async throws {
        try await withScratchDirectory { directory in
            var options = RedisServer.Options()
            let files = try TestCertificates(in: directory)
            let strangers = try TestCertificates(in: directory + "/others")
            options.certificates = files
            try await RedisServer.run(options) { redis in
                let tls = try RedisTLS(caFile: files.authority)
                for host in ["localhost", "127.0.0.1"] {
                    let url = "rediss://\(host):\(redis.securePort)"
                    #expect(try await works(RedisConfiguration(url: url, tls: tls)))
                    #expect(try await !works(RedisConfiguration(url: url)))
                    let others = try RedisTLS(caFile: strangers.authority)
                    #expect(try await !works(RedisConfiguration(url: url, tls: others)))
                }
                // Plain text where TLS is expected, and the other way round.
                #expect(try await !works(RedisConfiguration(url: "redis://127.0.0.1:\(redis.securePort)")))
                #expect(try await !works(RedisConfiguration(url: "rediss://127.0.0.1:\(redis.port)", tls: tls)))
            }
        }
    }

    @Test func aServerMayWantACertificate() async throws {
        try await withScratchDirectory { directory in
            var options = RedisServer.Options()
            let files = try TestCertificates(in: directory)
            options.certificates = files
            options.needsClientCertificate = true
            options.password = "secret"
            try await RedisServer.run(options) { redis in
                let with = try RedisTLS(
                    caFile: files.authority, certificateFile: files.client.certificate, keyFile: files.client.key)
                #expect(try await works(RedisConfiguration(url: redis.secureURL, tls: with)))
                let without = try RedisTLS(caFile: files.authority)
                #expect(try await !works(RedisConfiguration(url: redis.secureURL, tls: without)))
            }
        }
    }

    @Test func unixSockets() async throws {
        try await withScratchDirectory { directory in
            var options = RedisServer.Options()
            options.arguments = ["--unixsocket", "\(directory)/s"]
            try await RedisServer.run(options) { _ in
                for (name, isThere) in [("s", true), ("t", false)] {
                    let works = try await works(RedisConfiguration(url: "redis+unix://\(directory)/\(name)"))
                    #expect(works == isThere)
                }
            }
        }
    }
}

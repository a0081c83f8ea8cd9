import Foundation
import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    /// What `ss-server check` says of PostgreSQL and Redis: what is wrong, what to do, and no secret.
    @Suite(.enabled(if: TestServices.given == nil)) struct CheckTests {
        private static let key = String(repeating: "5a", count: 32)
        private static let secret = "planted-7f3a9c51"

        /// Runs it, and makes sure that every line is a finding and none holds a secret.
        private func check(_ settings: [String: String]) async throws -> (status: Int32, findings: [String]) {
            try await withScratchDirectory { directory in
                let common = ["ENCRYPTION_KEY": Self.key, "SS_DEMO": "1", "LOCAL_BASE_URL": "http://127.0.0.1:1/v1"]
                let result = try await ServerProcess.output(
                    in: directory, environment: common.merging(settings) { $1 }, arguments: ["check"])
                let findings = result.output.split(separator: "\n").map(String.init)
                let everything = result.output + result.complaints
                for secret in [Self.secret, Self.key, PostgresServer.password] {
                    #expect(!everything.contains(secret), "\(everything)")
                }
                #expect(findings.allSatisfy { line in ["ok    ", "warn  ", "fail  "].contains { line.hasPrefix($0) } })
                // What cannot be used makes nothing.
                return (result.status, findings)
            }
        }

        private func expectFailure(
            _ subject: String, _ words: [String], _ settings: [String: String],
            _ location: SourceLocation = #_sourceLocation
        ) async throws {
            let (status, findings) = try await check(settings)
            #expect(status == 1, sourceLocation: location)
            let failed = findings.filter { $0.hasPrefix("fail  ") }
            #expect(failed.count == 1, "\(findings)", sourceLocation: location)
            #expect(failed.first?.hasPrefix("fail  \(subject): ") == true, "\(findings)", sourceLocation: location)
            for word in words {
                #expect(failed.first?.contains(word) == true, "\(word): \(findings)", sourceLocation: location)
            }
        }

        // MARK: PostgreSQL

        @Test(.enabled(if: PostgresServer.isAvailable)) func aDatabaseInOrderIsFound() async throws {
            try await PostgresServer.withScratchDatabase { url in
                let before = try await check(["DATABASE_URL": url])
                #expect(before.status == 0, "\(before.findings)")
                #expect(before.findings.contains("ok    DATABASE_URL: the tables are made at the first start"))
                try await withScratchDirectory { directory in
                    let settings = ["DATABASE_URL": url, "ENCRYPTION_KEY": Self.key]
                    try await ServerProcess.run(in: directory, environment: settings) { _ in }
                }
                let after = try await check(["DATABASE_URL": url])
                #expect(after.status == 0, "\(after.findings)")
                #expect(
                    after.findings.contains { $0.hasPrefix("ok    DATABASE_URL: ") && $0.contains("schema version") })
                #expect(after.findings.contains { $0.hasPrefix("ok    ENCRYPTION_KEY: ") })
            }
        }

        @Test(.enabled(if: PostgresServer.isAvailable)) func aDatabaseThatRefusesIsNamed() async throws {
            let server = try await PostgresServer.shared
            try await server.withDatabase { name in
                let wrong = server.url(database: name, password: Self.secret)
                try await expectFailure(
                    "DATABASE_URL", ["refuses the user or the password", "Check"], ["DATABASE_URL": wrong])
                let stranger = server.url(database: name, user: "nobody_here", password: Self.secret)
                try await expectFailure(
                    "DATABASE_URL", ["refuses the user or the password"], ["DATABASE_URL": stranger])
                let missing = server.url(database: "no_such_database")
                try await expectFailure("DATABASE_URL", ["no such database", "Check"], ["DATABASE_URL": missing])
                // It speaks no TLS.
                let plain =
                    server.url(database: name).replacing("127.0.0.1", with: "localhost")
                    + "?sslmode=verify-full&sslrootcert=/etc/hosts"
                try await expectFailure(
                    "DATABASE_URL", ["cannot be reached", "SSL", "sslmode"], ["DATABASE_URL": plain])
            }
        }

        @Test func aDatabaseOutOfReachIsNamed() async throws {
            let url = "postgres://chat:\(Self.secret)@127.0.0.1:1/chat"
            try await expectFailure(
                "DATABASE_URL", ["cannot be reached", "Connection refused", "Check host, port"], ["DATABASE_URL": url])
        }

        @Test(.enabled(if: PostgresServer.isAvailable)) func aNewerDatabaseIsNamed() async throws {
            let server = try await PostgresServer.shared
            try await server.withDatabase { name in
                try await server.sql(
                    """
                    CREATE TABLE schema_migrations (version integer PRIMARY KEY, applied_at bigint NOT NULL);
                    CREATE TABLE messages (id text); INSERT INTO schema_migrations VALUES (999, 0)
                    """, database: name)
                try await expectFailure(
                    "DATABASE_URL", ["schema version 999", "Use a newer program"],
                    ["DATABASE_URL": server.url(database: name)])
                let (_, findings) = try await check(["DATABASE_URL": server.url(database: name)])
                // Advice on the way there would lead astray.
                #expect(!findings.contains { $0.contains("password") })
                #expect(try await server.sql("SELECT count(*) FROM schema_migrations", database: name) == "1")
            }
        }

        // MARK: Redis

        @Test(.enabled(if: RedisServer.isAvailable)) func aRedisInOrderIsFound() async throws {
            var options = RedisServer.Options()
            options.password = Self.secret
            try await RedisServer.run(options) { redis in
                let (status, findings) = try await check(["REDIS_URL": redis.url])
                #expect(status == 0, "\(findings)")
                #expect(findings.contains("ok    REDIS_URL: answers"))
            }
        }

        @Test(.enabled(if: RedisServer.isAvailable)) func aRedisThatRefusesIsNamed() async throws {
            var options = RedisServer.Options()
            options.password = "the-right-one"
            try await RedisServer.run(options) { redis in
                let place = "127.0.0.1:\(redis.port)"
                let words = ["WRONGPASS", "Check the user and the password"]
                try await expectFailure("REDIS_URL", words, ["REDIS_URL": "redis://:\(Self.secret)@\(place)"])
                let none = ["NOAUTH", "Check the user and the password"]
                try await expectFailure("REDIS_URL", none, ["REDIS_URL": "redis://\(place)"])
                try await redis.command("REPLICAOF", "127.0.0.1", "1")
                try await expectFailure("REDIS_URL", ["replica", "Name the master"], ["REDIS_URL": redis.url])
            }
        }

        @Test func aRedisOutOfReachIsNamed() async throws {
            try await expectFailure(
                "REDIS_URL", ["out of reach", "Connection refused", "Check host and port"],
                ["REDIS_URL": "redis://:\(Self.secret)@127.0.0.1:1"])
        }

        @Test(.enabled(if: RedisServer.isAvailable)) func tlsThatDoesNotMatchIsNamed() async throws {
            try await withScratchDirectory { directory in
                var options = RedisServer.Options()
                options.password = Self.secret
                options.certificates = try TestCertificates(in: directory)
                let authority = options.certificates?.authority ?? ""
                try await RedisServer.run(options) { redis in
                    let good = try await check(["REDIS_URL": redis.secureURL, "REDIS_TLS_CA": authority])
                    #expect(good.status == 0, "\(good.findings)")
                    // An authority nobody here knows.
                    let unknown = ["TLS failed", "REDIS_TLS_"]
                    try await expectFailure("REDIS_URL", unknown, ["REDIS_URL": redis.secureURL])
                    // TLS to the plain port, and the other way round.
                    let toPlain = "rediss://:\(Self.secret)@localhost:\(redis.port)"
                    try await expectFailure(
                        "REDIS_URL", ["rediss://"], ["REDIS_URL": toPlain, "REDIS_TLS_CA": authority])
                    let toSecure = "redis://:\(Self.secret)@localhost:\(redis.securePort)"
                    try await expectFailure("REDIS_URL", ["rediss://"], ["REDIS_URL": toSecure])
                }
            }
        }
    }
}

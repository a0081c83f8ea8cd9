import SimpleStreamKit
import SimpleStreamRedis
import TestSupport
import Testing

@Suite struct RedisConfigurationTests {
    @Test func aURLSaysEverything() throws {
        let plain = try RedisConfiguration(url: "redis://h")
        #expect(plain.place == .server(.init(host: "h", port: 6379)))
        #expect(plain.password == nil && plain.database == 0 && plain.tls == nil && plain.prefix == "ss:")

        let full = try RedisConfiguration(url: "rediss://me:p%40%2Fs%25@[::1]:7000/3?prefix=team-a:")
        #expect(full.place == .server(.init(host: "::1", port: 7000)))
        #expect(full.username == "me" && full.password?.reveal() == "p@/s%" && full.database == 3)
        #expect(full.tls != nil && full.prefix == "team-a:")

        let sentinels = try RedisConfiguration(url: "redis-sentinel://:pw@a:1,b,c:3/mymaster/2")
        let addresses = [("a", 1), ("b", 26379), ("c", 3)].map { RedisConfiguration.Address(host: $0.0, port: $0.1) }
        #expect(sentinels.place == .sentinels(addresses, master: "mymaster"))
        #expect(sentinels.username == nil && sentinels.password?.reveal() == "pw" && sentinels.database == 2)

        let socket = try RedisConfiguration(url: "redis+unix:///run/redis%20x.sock?db=1")
        #expect(socket.place == .unixSocket("/run/redis x.sock") && socket.database == 1)
    }

    @Test(arguments: [
        "", "h:6379", "http://h", "redis://", "redis:///0", "redis://h:0", "redis://h:65536", "redis://h:x",
        "redis://h/x",
        "redis://h/-1", "redis://h/1/2", "redis://secret@h", "redis://:@h", "redis://a,b", "redis://h#secret",
        "redis://h?x=1", "redis://h?prefix=", "redis://h?prefix=a%20b", "redis://:%zz@h", "redis://:%0@h",
        "redis://[::1",
        "redis://a b", "redis-sentinel://h", "redis-sentinel://a,,b/m", "redis+unix://", "redis+unix://h/x",
        "redis://:%FF@h",
    ])
    func whatCannotBeUsedIsRefusedWithoutBeingRepeated(url: String) {
        let problem = #expect(throws: RedisConfiguration.Problem.self) { try RedisConfiguration(url: url) }
        #expect(problem?.property == "url" && problem?.problem.contains("secret") == false)
    }

    @Test(.enabled(if: Programs.areAvailable("openssl"))) func filesForTLSAreRead() throws {
        try withScratchDirectory { directory in
            let files = try TestCertificates(in: directory)
            let tls = try RedisTLS(
                caFile: files.authority, certificateFile: files.client.certificate, keyFile: files.client.key)
            #expect(throws: RedisConfiguration.Problem.self) { try RedisConfiguration(url: "redis://h", tls: tls) }
            #expect(try RedisConfiguration(url: "rediss://h", tls: tls).tls != nil)

            func property(_ ca: String?, _ certificate: String?, _ key: String?) -> String? {
                let problem = #expect(throws: RedisConfiguration.Problem.self) {
                    try RedisTLS(caFile: ca, certificateFile: certificate, keyFile: key)
                }
                return problem?.property
            }
            #expect(property("/nowhere", nil, nil) == "caFile")
            #expect(property(files.client.key, nil, nil) == "caFile")
            #expect(property(nil, "/nowhere", files.client.key) == "certificateFile")
            #expect(property(nil, files.client.certificate, nil) == "keyFile")
            #expect(property(nil, nil, files.client.key) == "certificateFile")
            #expect(property(nil, files.client.certificate, files.authority) == "keyFile")
            #expect(property(nil, files.client.certificate, files.server.key) == "certificateFile")
        }
    }

    @Test func aPasswordIsNowhere() throws {
        let configuration = try RedisConfiguration(url: "redis://me:hunter2hunter2@h")
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hunter2") && !"\(configuration)".contains("hunter2"))
    }
}

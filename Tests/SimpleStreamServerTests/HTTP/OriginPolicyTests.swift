import Testing

@testable import SimpleStreamServer

@Suite struct OriginPolicyTests {
    @Test(
        arguments: [
            ("localhost", "localhost", nil),
            ("LocalHost:4000", "localhost", 4000),
            ("example.org.", "example.org", nil),
            ("[::1]:80", "::1", 80),
            ("[::1]", "::1", nil),
            ("10.0.0.1:65535", "10.0.0.1", 65535),
        ] as [(String, String, Int?)])
    func authorities(text: String, host: String, port: Int?) throws {
        let authority = try #require(Authority(text))
        #expect(authority.host == host)
        #expect(authority.port == port)
    }

    @Test(arguments: [
        "", ":80", "a:", "a:b", "a:65536", "a:-1", "a b", "user@host", "a/b", "[::1", "::1", "[]", "[::1]x", "[::1]:",
        "a:1:2", "a,b", "ä", "[localhost]", "a:123456", "a\u{0}b",
    ])
    func notAuthorities(text: String) { #expect(Authority(text) == nil) }

    @Test func loopbackHostsAreAlwaysOurs() throws {
        let policy = HostPolicy(allowed: ["chat.example.org"])
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:4000", "app.localhost", "chat.example.org:443"] {
            #expect(policy.allows(try #require(Authority(host))), "\(host)")
        }
        for host in ["example.org", "evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1", "[::2]"] {
            #expect(!policy.allows(try #require(Authority(host))), "\(host)")
        }
    }

    @Test(arguments: [
        "null", "", "file://", "ftp://localhost", "http:/localhost", "http://", "localhost", "http://a/b",
    ])
    func notOrigins(text: String) { #expect(WebOrigin(text) == nil) }

    @Test func anOriginIsComparedWhole() throws {
        let policy = OriginPolicy(allowed: [try #require(WebOrigin("https://chat.example.org"))])
        let host = Authority("chat.example.org")
        func allows(_ origin: String, _ credential: OriginPolicy.Credential = .cookie) -> Bool {
            policy.allows(origin: origin, fetchSite: "same-origin", host: host, credential: credential)
        }
        #expect(allows("https://chat.example.org"))
        #expect(allows("https://CHAT.example.org:443"))
        for origin in [
            "http://chat.example.org", "https://chat.example.org:8443", "https://example.org", "null",
            "https://chat.example.org.evil.example", "https://evil.example",
        ] {
            #expect(!allows(origin), "\(origin)")
            #expect(!allows(origin, .bearer), "a wrong origin is wrong with every credential: \(origin)")
        }
    }

    @Test func pagesOfThisLoopbackServerAreOurs() {
        let policy = OriginPolicy()
        func allows(_ origin: String, host: String) -> Bool {
            policy.allows(origin: origin, fetchSite: nil, host: Authority(host), credential: .cookie)
        }
        #expect(allows("http://localhost:4000", host: "localhost:4000"))
        #expect(allows("http://[::1]:4000", host: "[::1]:4000"))
        #expect(allows("http://localhost", host: "localhost"))
        #expect(!allows("http://localhost:3000", host: "localhost:4000"))
        #expect(!allows("http://127.0.0.1:4000", host: "localhost:4000"))
        #expect(!allows("https://localhost:4000", host: "localhost:4000"))
        #expect(!allows("http://evil.example:4000", host: "evil.example:4000"))
    }

    @Test func withoutAnOriginACookieNeedsTheBrowsersWord() {
        let policy = OriginPolicy()
        func allows(_ site: String?, _ credential: OriginPolicy.Credential) -> Bool {
            policy.allows(origin: nil, fetchSite: site, host: Authority("localhost"), credential: credential)
        }
        #expect(allows("same-origin", .cookie))
        #expect(!allows(nil, .cookie))
        #expect(!allows("same-site", .cookie))
        #expect(!allows("cross-site", .cookie))
        #expect(!allows("none", .cookie))
        #expect(allows(nil, .bearer))
        #expect(allows(nil, .none))
    }
}

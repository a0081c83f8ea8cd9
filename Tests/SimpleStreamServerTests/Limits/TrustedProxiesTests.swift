import HTTPTypes
import NIOCore
import SimpleStreamKit
import Testing

@testable import SimpleStreamServer

/// Whom `X-Forwarded-…` is believed.
@Suite struct TrustedProxiesTests {
    private func client(
        _ fields: HTTPFields, from peer: String, trusting blocks: [String] = ["10.0.0.0/8", "::1"]
    ) throws -> Client {
        var request = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/")
        request.headerFields = fields
        let proxies = try #require(TrustedProxies(blocks))
        return proxies.client(of: request, from: try SocketAddress(ipAddress: peer, port: 1), isSecure: false)
    }

    @Test(
        arguments: [
            ("10.0.0.1", "192.0.2.1", "192.0.2.1"), ("10.0.0.1", "198.51.100.1, 192.0.2.1", "192.0.2.1"),
            ("10.0.0.1", "192.0.2.1, 10.9.9.9", "192.0.2.1"), ("10.0.0.1", "192.0.2.1:4711", "192.0.2.1"),
            ("10.0.0.1", "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::/64"), ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "unknown", "10.0.0.1"), ("10.0.0.1", "192.0.2.1, garbage, 10.1.1.1", "10.1.1.1"),
            ("10.0.0.1", "10.0.0.2", "10.0.0.2"), ("::1", "::ffff:192.0.2.9", "192.0.2.9"),
            ("::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"), ("192.0.2.5", "198.51.100.1", "192.0.2.5"),
            ("2001:db8:1:2:3:4:5:6", "198.51.100.1", "2001:db8:1:2::/64"),
        ]
    )
    func theClientIsTheLastAddressThatIsNoProxy(peer: String, field: String, expected: String) throws {
        #expect(try client([.xForwardedFor: field], from: peer).address == expected)
    }

    @Test func schemeAndHostComeFromProxiesOnly() throws {
        let fields: HTTPFields = [.xForwardedProto: "https", .xForwardedHost: "chat.example"]
        let proxied = try client(fields, from: "10.0.0.1")
        #expect(proxied.isSecure)
        #expect(proxied.forwardedHost == "chat.example")
        let direct = try client(fields, from: "192.0.2.5")
        #expect(!direct.isSecure)
        #expect(direct.forwardedHost == nil)
    }

    @Test func placesComeFromProxiesOnly() throws {
        let vercel: HTTPFields = [
            .vercelIPCountry: "BR", .vercelIPCity: "S%C3%A3o%20Paulo", .vercelIPRegion: "SP",
            .vercelIPTimezone: "America/Sao_Paulo",
        ]
        let place = ApproximateLocation(
            city: "São Paulo", region: "SP", country: "BR", timeZone: "America/Sao_Paulo")
        #expect(try client(vercel, from: "10.0.0.1").location == place)
        #expect(try client(vercel, from: "192.0.2.5").location == nil)
        #expect(try client([.cfIPCountry: "XX"], from: "10.0.0.1").location == nil)
        #expect(try client([.cfIPCountry: "pt"], from: "10.0.0.1").location == ApproximateLocation(country: "PT"))
    }

    @Test(arguments: [["10.0.0.0/33"], ["proxy.example"], [""], ["10.0.0.1", "x"]])
    func otherTextIsRefused(blocks: [String]) {
        #expect(TrustedProxies(blocks) == nil)
        let problem = #expect(throws: ServerConfiguration.Problem.self) {
            try ServerConfiguration(trustedProxies: blocks)
        }
        #expect(problem?.property == "trustedProxies")
    }
}

import HTTPTypes
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamCurl

@Suite(.timeLimit(.minutes(2)))
struct ProxyTests {
    private static let plain = HTTPRequest(method: .get, scheme: "http", authority: "provider.test", path: "/v1")
    private static let secure = HTTPRequest(method: .get, scheme: "https", authority: "provider.test", path: "/v1")

    @Test
    func plainRequestsGoThroughTheProxyOfTheRequest() async throws {
        try await withScriptedUpstream(.json("{}")) { proxy in
            let transport = try CurlTransport.test()
            let options = TransportOptions.plain { $0.proxy = "http://user:word@\(proxy.authority)" }
            let status = try await transport.withResponse(to: Self.plain, content: [], options: options) { head, _ in
                head.status
            }
            #expect(status == .ok)
            let request = try await proxy.request()
            #expect(request.path == "http://provider.test/v1")
            #expect(request[header: "proxy-authorization"] == "Basic dXNlcjp3b3Jk")
        }
    }

    @Test
    func theEnvironmentNamesAProxy() async throws {
        try await withScriptedUpstream(.json("{}")) { proxy in
            let environment = ["http_proxy": proxy.url, "no_proxy": "localhost,127.0.0.0/8"]
            let transport = try CurlTransport(environment: environment)
            let options = TransportOptions.plain { $0.proxy = nil }
            let status = try await transport.withResponse(to: Self.plain, content: [], options: options) { head, _ in
                head.status
            }
            #expect(status == .ok)
            #expect(try await proxy.request().path == "http://provider.test/v1")
            // An exception goes straight to its host, which is the same server here.
            _ = try await transport.text("/direct", from: proxy, options: options)
            #expect(try await proxy.request(at: 1).path == "/direct")
        }
    }

    @Test
    func secureRequestsAskForATunnel() async throws {
        try await withScriptedUpstream(.response(status: 407)) { proxy in
            let transport = try CurlTransport.test()
            let options = TransportOptions.plain { $0.proxy = proxy.url }
            await #expect {
                try await transport.withResponse(to: Self.secure, content: [], options: options) { _, _ in }
            } throws: { ($0 as? ChatError)?.code == .providerUnavailable }
            let request = try await proxy.request()
            #expect(request.method == "CONNECT")
            #expect(request.path == "provider.test:443")
        }
    }

    @Test(
        arguments: [
            ("https", "api.example.com", "http://s"), ("http", "api.example.com", "http://p"),
            ("https", "localhost", nil), ("https", "LOCALHOST", nil), ("https", "internal.test", nil),
            ("https", "a.internal.test", nil), ("https", "notinternal.test", "http://s"), ("https", "10.1.2.3", nil),
            ("https", "11.1.2.3", "http://s"), ("https", "::1", nil), ("https", "::2", "http://s"),
        ]
    )
    func exceptions(scheme: String, host: String, proxy: String?) {
        let settings = ProxySettings(environment: [
            "http_proxy": "http://p", "HTTPS_PROXY": "http://s", "no_proxy": "localhost, .internal.test,10.0.0.0/8 ::1",
        ])
        #expect(settings.proxy(scheme: scheme, host: host) == proxy)
    }

    @Test
    func variables() {
        func proxy(_ scheme: String, _ environment: [String: String]) -> String? {
            ProxySettings(environment: environment).proxy(scheme: scheme, host: "a.test")
        }
        #expect(proxy("https", [:]) == nil)
        #expect(proxy("http", ["HTTP_PROXY": "http://p"]) == nil)
        #expect(proxy("http", ["all_proxy": "http://p"]) == "http://p")
        #expect(proxy("https", ["ALL_PROXY": "http://p", "https_proxy": "http://s"]) == "http://s")
        #expect(proxy("https", ["ALL_PROXY": "http://p", "https_proxy": ""]) == "http://p")
        #expect(proxy("https", ["https_proxy": "http://s", "NO_PROXY": "*"]) == nil)
    }
}

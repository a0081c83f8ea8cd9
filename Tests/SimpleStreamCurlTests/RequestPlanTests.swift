import HTTPTypes
import SimpleStreamKit
import Testing

@testable import SimpleStreamCurl

@Suite
struct RequestPlanTests {
    private func plan(
        _ request: HTTPRequest,
        _ options: TransportOptions = TransportOptions(),
        environment: [String: String] = [:]
    ) throws(ChatError) -> RequestPlan {
        try RequestPlan(request, content: [], options: options, proxies: ProxySettings(environment: environment))
    }

    @Test(
        arguments: [
            ("api.example.com", "api.example.com"), ("api.example.com:8443", "api.example.com"),
            ("[2001:db8::1]:443", "2001:db8::1"), ("127.0.0.1:1", "127.0.0.1"),
        ]
    )
    func hostsAreTakenOutOfAuthorities(authority: String, host: String) throws {
        let plan = try plan(HTTPRequest(method: .get, scheme: "https", authority: authority, path: "/v1?x=1"))
        #expect(plan.host == host)
        #expect(plan.url == "https://\(authority)/v1?x=1")
    }

    @Test(arguments: [nil, "", "a/b", "user@host", "user:key@host", "a?b", "a#b", "a\\b", "a b", "a\u{7F}b", "a\tb"])
    func oddAuthoritiesAreRefused(authority: String?) {
        let request = HTTPRequest(method: .get, scheme: "https", authority: authority, path: "/")
        let error = #expect(throws: ChatError.self) { try plan(request) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.message.contains("key") != true)
    }

    @Test(arguments: ["http", "ftp", "file", "ws", ""])
    func onlyHTTPSPasses(scheme: String) {
        let request = HTTPRequest(method: .get, scheme: scheme, authority: "a", path: "/")
        let error = #expect(throws: ChatError.self) { try plan(request) }
        #expect(error?.code == .invalidRequest)
    }

    @Test(arguments: ["ftp", "file", ""])
    func plainHTTPIsAllThatCanBeAdded(scheme: String) {
        let request = HTTPRequest(method: .get, scheme: scheme, authority: "a", path: "/")
        let error = #expect(throws: ChatError.self) { try plan(request, TransportOptions(allowsPlainHTTP: true)) }
        #expect(error?.code == .invalidRequest)
    }

    @Test(arguments: ["v1", "*", "@evil.example/"])
    func pathsStartWithASlash(path: String) {
        let request = HTTPRequest(method: .get, scheme: "https", authority: "a", path: path)
        #expect(throws: ChatError.self) { try plan(request) }
    }

    @Test
    func headerLines() throws {
        var request = HTTPRequest(method: .post, scheme: "https", authority: "a", path: "/")
        request.headerFields[.authorization] = "Bearer x\r\nInjected: 1"
        request.headerFields[.contentLength] = "7"
        request.headerFields[.transferEncoding] = "chunked"
        request.headerFields[.connection] = "close"
        request.headerFields[.accept] = ""
        let lines = try plan(request).headerLines
        #expect(lines.contains("Accept;"))
        #expect(lines.contains("Content-Type:"))
        #expect(lines.contains("Expect:"))
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { !$0.contains("\n") && !$0.contains("\r") })
    }

    @Test
    func secretsAreNotPrinted() throws {
        var request = HTTPRequest(method: .post, scheme: "https", authority: "a", path: "/?key=hidden")
        request.headerFields[.authorization] = "Bearer hidden"
        let plan = try plan(request, TransportOptions(proxy: "http://user:hidden@proxy.test"))
        var dumped = ""
        dump(plan, to: &dumped)
        for text in ["\(plan)", String(reflecting: plan), dumped] {
            #expect(!text.contains("hidden"))
            #expect(text.contains("a"))
        }
    }

    @Test
    func publicAddressesCannotBeCheckedBehindAProxy() throws {
        let request = HTTPRequest(method: .get, scheme: "https", authority: "api.example.com", path: "/")
        let environment = ["https_proxy": "http://proxy.test:3128"]
        var options = TransportOptions(requiresPublicAddress: true)
        let fromEnvironment = #expect(throws: ChatError.self) { try plan(request, options, environment: environment) }
        #expect(fromEnvironment?.code == .invalidRequest)
        #expect(fromEnvironment?.message.contains("proxy") == true)
        options.proxy = ""
        #expect(try plan(request, options, environment: environment).proxy == "")
        options.proxy = "http://other.test"
        let own = #expect(throws: ChatError.self) { try plan(request, options) }
        #expect(own?.code == .invalidRequest)
    }
}

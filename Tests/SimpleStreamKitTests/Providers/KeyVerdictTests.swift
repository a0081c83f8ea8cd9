import HTTPTypes
import TestSupport
import Testing

@testable import SimpleStreamKit

@Suite("Verdicts on keys")
struct KeyVerdictTests {
    private static let keys: [String: String] = [
        "openai": "sk-proj-0123456789abcdefghij", "xai": "xai-" + String(repeating: "a1", count: 30),
        "meta": "LLM|123456|abcdefghijklmnop", "vercel": "vck_0123456789abcdefghij", "local": "anything-at-all-will-do",
    ]

    private func verdict(
        _ name: String,
        _ reply: ScriptedTransport.Reply,
        key: String? = nil
    ) async throws -> KeyVerdict.Code {
        let description = try #require(ProviderListing.named(name))
        let provider = HTTPChatProvider(description, transport: ScriptedTransport(reply))
        return await provider.verdict(on: Credential(key: Secret(key ?? Self.keys[name] ?? ""))).code
    }

    @Test(
        "Statuses and bodies become verdicts",
        arguments: [
            ("openai", 200, #"{"data":[]}"#, KeyVerdict.Code.valid), ("openai", 401, "{}", .rejected),
            ("openai", 401, #"{"error":{"code":"account_deactivated"}}"#, .blocked),
            ("openai", 403, #"{"error":{"message":"missing scopes"}}"#, .valid), ("openai", 429, "", .rateLimited),
            ("openai", 403, #"{"error":{"code":"unsupported_country_region_territory"}}"#, .blocked),
            ("openai", 403, "<html>Access denied by the proxy</html>", .wrongEndpoint),
            ("openai", 403, "", .wrongEndpoint),
            ("openai", 429, #"{"error":{"code":"insufficient_quota"}}"#, .exhausted), ("openai", 500, "", .unreachable),
            ("openai", 200, "<html>", .wrongEndpoint), ("openai", 200, #"{"hello":1}"#, .wrongEndpoint),
            ("openai", 404, "Not here", .wrongEndpoint), ("openai", 302, "", .wrongEndpoint),
            ("xai", 400, #"{"code":"invalid-argument","error":"Incorrect API key provided."}"#, .rejected),
            ("xai", 403, #"{"error":"no permission"}"#, .blocked), ("meta", 401, "", .rejected),
            ("meta", 402, "", .exhausted), ("vercel", 401, "", .rejected),
            ("vercel", 200, #"{"balance":"4.99","total_used":"0.01"}"#, .valid),
            ("vercel", 200, #"{"balance":"0","total_used":"5.00"}"#, .exhausted),
            ("vercel", 200, #"{"balance":"0","total_used":"0"}"#, .valid),
            ("vercel", 200, #"{"data":[]}"#, .wrongEndpoint), ("local", 200, #"{"models":[]}"#, .valid),
        ])
    func replies(name: String, status: Int, body: String, code: KeyVerdict.Code) async throws {
        #expect(try await verdict(name, .init(status: status, body)) == code)
    }

    @Test(
        "xAI's flags are read from a good answer",
        .enabled(if: Fixtures.areAvailable, "\(Fixtures.hint)"),
        arguments: [
            ("api-key-ok", KeyVerdict.Code.valid), ("api-key-blocked", .blocked), ("api-key-disabled", .blocked),
            ("api-key-team-blocked", .blocked),
        ])
    func xAIFlags(file: String, code: KeyVerdict.Code) async throws {
        let body = try #require(Fixtures.bytes("xai/\(file).200.json"))
        #expect(try await verdict("xai", .init(String(decoding: body, as: UTF8.self))) == code)
    }

    @Test(
        "What is no key of the provider is not sent to it",
        arguments: [
            ("openai", "sk-admin-0123456789abcdefghij"), ("openai", "sk-ant-0123456789abcdefghij"),
            ("openai", "sk-short"),
            ("openai", "xai-0123456789abcdefghij"), ("openai", "sk-0123456789 abcdefghij"), ("xai", "sk-0123"),
            ("vercel", "v1:abc:def"), ("meta", "LLM-0123456789abcdefghij"), ("openai", ""),
        ])
    func shapes(name: String, key: String) async throws {
        let description = try #require(ProviderListing.named(name))
        let transport = ScriptedTransport()
        let verdict = await HTTPChatProvider(description, transport: transport)
            .verdict(on: Credential(key: Secret(key)))
        #expect(verdict.code == .rejected)
        #expect(!verdict.message.contains(key) || key.isEmpty)
        #expect(transport.exchanges.isEmpty)
    }

    @Test("Another address may have keys of another shape")
    func otherAddress() async {
        let transport = ScriptedTransport(.init(#"{"data":[]}"#))
        let credential = Credential(key: Secret("whatever"), baseURL: "https://proxy.example/v1", isUserOwned: true)
        let verdict = await HTTPChatProvider(.openAI, transport: transport).verdict(on: credential)
        #expect(verdict.code == .valid)
        #expect(transport.exchanges.first?.request.path == "/v1/models")
        #expect(transport.exchanges.first?.options.requiresPublicAddress == true)
    }

    @Test("A network that fails says nothing about the key")
    func unreachable() async throws {
        let down = ScriptedTransport.Reply(status: 0, failure: ChatError(.providerUnavailable, "Down."))
        #expect(try await verdict("openai", down) == .unreachable)
    }

    @Test("Providers are found by name, and named ones by wire")
    func listing() throws {
        #expect(ProviderListing.named("openai")?.displayName == "OpenAI")
        #expect(ProviderListing.named("nobody") == nil)
        #expect(Set(ProviderListing.builtIn.map(\.name)).count == ProviderListing.builtIn.count)
        let error = #expect(throws: ChatError.self) {
            try ProviderDescription(named: "x", wire: WireName(rawValue: "morse"), baseURL: "https://a.b")
        }
        #expect(error?.message.contains("openai-chat") == true)
        let named = try ProviderDescription(named: "x", wire: .openAIResponses, baseURL: "http://a.b:1/v1")
        #expect(named.transport.allowsPlainHTTP)
        for wire in WireName.all {
            #expect(try ProviderDescription(named: "x", wire: wire, baseURL: "https://a.b").name == "x")
        }
    }
}

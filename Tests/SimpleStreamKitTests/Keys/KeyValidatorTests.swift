import SimpleStreamKit
import TestSupport
import Testing

@Suite struct KeyValidatorTests {
    typealias Answer = CannedTransport.Answer

    /// A key of the right shape for each provider.
    static let keys = [
        "openai": "sk-proj-abcdefghijklmnopqrstuvwxyz",
        "anthropic": "sk-ant-api03-" + String(repeating: "a", count: 93),
        "gemini": "AIza" + String(repeating: "b", count: 35), "xai": "xai-" + String(repeating: "c", count: 80),
        "meta": "LLM|1234567890|abcdefghijk", "vercel": "vck_abcdefghijklmnopqrst", "local": "anything",
    ]

    private func verdict(
        _ provider: String, _ answers: [String: Answer], key: String? = nil, failure: ChatError? = nil
    ) async throws -> (verdict: KeyVerdict, transport: CannedTransport) {
        let description = try #require(ProviderListing.named(provider))
        let transport = CannedTransport(answers, failure: failure)
        let secret = Secret(key ?? Self.keys[provider] ?? "")
        let validator = KeyValidator(HTTPChatProvider(description, transport: transport))
        return (await validator.verdict(on: Credential(key: secret)), transport)
    }

    private static func json(_ status: Int, _ text: String) -> Answer { Answer(status: status, body: Array(text.utf8)) }

    @Test(arguments: [
        ("openai", "sk-admin-abcdefghijklmnopqrstuvwxyz"), ("openai", "sk-ant-abcdefghijklmnopqrstuvwxyz"),
        ("openai", "pk-123"), ("anthropic", "sk-abcdefghijklmnopqrstuvwxyz"), ("anthropic", "sk-ant-api03-short"),
        ("anthropic", "sk-ant-oat01-" + String(repeating: "a", count: 93)),
        ("anthropic", "sk-ant-admin01-" + String(repeating: "a", count: 93)), ("gemini", "AIza"),
        ("gemini", "ya29." + String(repeating: "a", count: 60)), ("xai", "xai-short"), ("meta", "llm_123"),
        ("vercel", "sk-abcdefghijklmnopqrstuvwxyz"), ("openai", "sk-abc def ghi jkl mno pqr"), ("openai", ""),
    ])
    func whatIsNoKeyIsNotSent(provider: String, key: String) async throws {
        let (verdict, transport) = try await verdict(provider, [:], key: key)
        #expect(verdict.code == .rejected)
        #expect(transport.sent.isEmpty)
        #expect(key.isEmpty || !verdict.message.contains(key))
    }

    @Test(arguments: ["openai", "anthropic", "gemini", "xai", "meta", "vercel", "local"])
    func goodAnswersAreValid(provider: String) async throws {
        let body = Self.json(
            200,
            #"{"data":[],"models":[],"redacted_api_key":"x","acls":["api-key:endpoint:*","api-key:model:*"],"#
                + #""balance":"4.5","total_used":"1"}"#)
        let (verdict, transport) = try await verdict(provider, ["/": body])
        #expect(verdict.code == .valid)
        #expect(transport.sent.first?.method == "GET")
        for sent in transport.sent {
            #expect(!sent.url.contains(Self.keys[provider] ?? "-"))
            #expect(sent.headers.values.contains { $0.hasSuffix(Self.keys[provider] ?? "-") })
        }
    }

    @Test(arguments: ["openai", "anthropic", "gemini", "xai", "meta", "vercel", "local"])
    func whatDoesNotSpeakForTheKeyIsNotValid(provider: String) async throws {
        let cases: [(Answer, KeyVerdict.Code)] = [
            (Answer(status: 429), .rateLimited), (Answer(status: 500), .unreachable),
            (Answer(status: 503), .unreachable),
            (Self.json(200, "<html>Hello</html>"), .wrongEndpoint), (Self.json(200, "{}"), .wrongEndpoint),
            (Self.json(404, "<html>No</html>"), .wrongEndpoint), (Answer(status: 302), .wrongEndpoint),
            (Self.json(401, #"{"error":{"message":"no"}}"#), .rejected), (Answer(status: 402), .exhausted),
        ]
        for (answer, code) in cases {
            let (verdict, _) = try await verdict(provider, ["/": answer])
            #expect(verdict.code == code, "\(provider) \(answer.status)")
            #expect(verdict.message.hasSuffix(".") && verdict.message.count > 10)
        }
        let (unreachable, _) = try await verdict(
            provider, [:], failure: ChatError(.providerUnavailable, "The provider cannot be reached."))
        #expect(unreachable.code == .unreachable)
    }

    @Test func anthropicsCreditIsProbed() async throws {
        let list = Self.json(200, #"{"data":[]}"#)
        let credit = Self.json(
            400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to "#
                + #"access the Anthropic API."}}"#)
        let (exhausted, transport) = try await verdict(
            "anthropic", ["/v1/models": list, "/v1/messages/count_tokens": credit])
        #expect(exhausted.code == .exhausted)
        #expect(transport.sent.map(\.method) == ["GET", "POST"])
        let body = try JSONValue(parsing: try #require(transport.sent.last?.content))
        #expect(body["messages"]?[0]?["content"] == "Hi")
        #expect(transport.sent.last?.headers["anthropic-version"] == "2023-06-01")

        let disabled = Self.json(
            400, #"{"error":{"type":"invalid_request_error","message":"This organization has been disabled."}}"#)
        #expect(
            try await verdict("anthropic", ["/v1/models": list, "/v1/messages": disabled]).verdict.code == .blocked)
        // That the probe itself does not work says nothing of the key.
        for answer in [
            Answer(status: 429), Answer(status: 500), Self.json(404, #"{"error":{"type":"not_found_error"}}"#),
        ] {
            let (verdict, _) = try await verdict("anthropic", ["/v1/models": list, "/v1/messages": answer])
            #expect(verdict.code == .valid)
        }
    }

    @Test(arguments: [
        (#"{"balance":"0","total_used":"5.1"}"#, KeyVerdict.Code.exhausted),
        (#"{"balance":"0.00","total_used":"0"}"#, .valid),
        (#"{"balance":"12.5","total_used":"5"}"#, .valid),
    ])
    func vercelsCreditsAreRead(body: String, code: KeyVerdict.Code) async throws {
        #expect(try await verdict("vercel", ["/v1/credits": Self.json(200, body)]).verdict.code == code)
    }

    @Test func anotherServersKeysMayLookDifferent() async throws {
        let description = try #require(ProviderListing.named("openai"))
        let transport = CannedTransport(["/": Self.json(200, #"{"data":[]}"#)])
        let credential = Credential(
            key: Secret("any-key-of-theirs"), baseURL: "https://proxy.example/v1", isUserOwned: true)
        let verdict = await HTTPChatProvider(description, transport: transport).verdict(on: credential)
        #expect(verdict.code == .valid)
        #expect(transport.sent.map(\.url) == ["https://proxy.example/v1/models"])
        let bad = Credential(key: Secret("any-key"), baseURL: "http://proxy.example", isUserOwned: true)
        #expect(await HTTPChatProvider(description, transport: transport).verdict(on: bad).code == .wrongEndpoint)
        #expect(transport.sent.count == 1)
    }
}

@Suite("Recorded answers to key checks", .enabled(if: Fixtures.areAvailable, "\(Fixtures.hint)"))
struct RecordedKeyCheckTests {
    @Test(arguments: [
        ("xai", "xai/api-key-ok.200.json", KeyVerdict.Code.valid), ("xai", "xai/api-key-blocked.200.json", .blocked),
        ("xai", "xai/api-key-disabled.200.json", .blocked), ("xai", "xai/api-key-team-blocked.200.json", .blocked),
        ("xai", "xai/err-invalid-key.400.json", .rejected), ("xai", "xai/err-credits-exhausted.429.json", .exhausted),
        ("xai", "xai/err-credits-exhausted-2.403.json", .exhausted),
        ("xai", "xai/err-rate-limit.429.json", .rateLimited),
        ("openai", "openai/models-list.200.json", .valid),
        ("openai", "openai/err-invalid-key-models.401.json", .rejected),
        ("openai", "openai/err-account-deactivated.401.json", .blocked),
        ("openai", "openai/err-insufficient-quota.429.json", .exhausted),
        ("openai", "openai/err-rate-limit.429.json", .rateLimited),
        ("openai", "openai/err-missing-scopes.403.json", .valid),
        ("anthropic", "anthropic/models-list.200.json", .valid),
        ("anthropic", "anthropic/err-invalid-key-models.401.json", .rejected),
        ("anthropic", "anthropic/err-org-disabled.400.json", .blocked),
        ("anthropic", "anthropic/err-billing.402.json", .exhausted),
        ("anthropic", "anthropic/err-overloaded.529.json", .unreachable),
        ("gemini", "gemini/models-list.200.json", .valid),
        ("gemini", "gemini/err-api-key-invalid-models.400.json", .rejected),
        ("gemini", "gemini/err-key-suspended.403.json", .blocked),
        ("gemini", "gemini/err-key-leaked.403.json", .blocked),
        ("gemini", "gemini/err-service-disabled.403.json", .blocked),
        ("gemini", "gemini/err-location.400.json", .blocked),
        ("gemini", "gemini/err-429-retry-info.429.json", .rateLimited),
        ("meta", "meta/err-invalid-key.401.json", .rejected), ("meta", "meta/err-billing.402.json", .exhausted),
        ("meta", "meta/err-unknown-path.404.txt", .wrongEndpoint),
        ("vercel", "vercel/gateway-credits.200.json", .valid),
        ("vercel", "vercel/gateway-err-auth.401.json", .rejected),
        ("vercel", "vercel/gateway-err-no-card.403.json", .exhausted),
        ("local", "compat/llamacpp-models-list.200.json", .valid),
        ("local", "compat/llamacpp-err-auth.401.json", .rejected),
    ])
    func recordedAnswersHaveTheirVerdict(provider: String, path: String, code: KeyVerdict.Code) async throws {
        let description = try #require(ProviderListing.named(provider))
        let status = try #require(path.split(separator: ".").dropFirst().first.flatMap { Int($0) })
        let transport = CannedTransport([
            "/": .init(status: status, body: try #require(Fixtures.bytes(path))),
            // Nothing but the check itself is asked here.
            "/v1/messages": .init(status: 200, body: Array("{}".utf8)),
        ])
        let credential = Credential(key: Secret(try #require(KeyValidatorTests.keys[provider])))
        let verdict = await HTTPChatProvider(description, transport: transport).verdict(on: credential)
        #expect(verdict.code == code, "\(verdict.message)")
        #expect(!verdict.message.contains("AIza"))
    }

    @Test func recordedListsAreRead() async throws {
        func models(_ provider: String, _ path: String) async throws -> [Model] {
            let description = try #require(ProviderListing.named(provider))
            let transport = CannedTransport(["/": .init(status: 200, body: try #require(Fixtures.bytes(path)))])
            let credential = Credential(key: Secret(try #require(KeyValidatorTests.keys[provider])))
            return try await HTTPChatProvider(description, transport: transport).models(for: credential)
        }
        let anthropic = try await models("anthropic", "anthropic/models-list.200.json")
        let opus = try #require(anthropic.first { $0.id == "claude-opus-4-7" })
        #expect(opus.displayName == "Claude Opus 4.7" && opus.contextWindow == 1_000_000 && opus.maxOutput == 128_000)
        #expect(opus.inputModalities == ["text", "image", "pdf"])
        #expect(opus.reasoningLevels == ["low", "medium", "high", "max"])

        let gemini = try await models("gemini", "gemini/models-list.200.json")
        let flash = try #require(gemini.first { $0.id == "gemini-2.5-flash" })
        #expect(flash.displayName == "Gemini 2.5 Flash" && flash.contextWindow == 1_048_576)
        let merged = ModelCatalog.standard.merging(live: gemini, of: "gemini")
        #expect(!merged.contains { $0.id.contains("tts") || $0.id.contains("embedding") })
        #expect(merged.first { $0.id == "gemini-2.5-flash" }?.price?.input == 300_000)
    }
}

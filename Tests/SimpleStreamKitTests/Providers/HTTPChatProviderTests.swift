import HTTPTypes
import TestSupport
import Testing

@testable import SimpleStreamKit

@Suite("Providers over HTTP")
struct HTTPChatProviderTests {
    private static let key = Secret("sk-test-0123456789abcdefghij")
    private static let credential = Credential(key: key)
    private static let prompt = Prompt(model: "m", messages: [.user("Hi")])
    private static let chunk = #"data: {"choices":[{"delta":{"content":"Hello"}}]}"# + "\n\n"
    private static let end = #"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"# + "\n\ndata: [DONE]\n\n"

    /// A provider that speaks chat completions at the address of OpenAI.
    private func provider(
        _ transport: ScriptedTransport,
        _ change: (inout ProviderDescription) -> Void = { _ in }
    ) -> HTTPChatProvider {
        var description = ProviderDescription.openAI
        description.wire = ChatCompletionsFormat(
            provider: "openai", quirks: .openAI, failures: description.failures)
        change(&description)
        return HTTPChatProvider(description, transport: transport)
    }

    private func batches(
        _ provider: HTTPChatProvider,
        _ credential: Credential = credential
    ) async throws -> [[ReplyEvent]] {
        try await provider.withReply(to: Self.prompt, using: credential) { events in
            var batches: [[ReplyEvent]] = []
            while let batch = try await events.nextBatch() { batches.append(batch) }
            return batches
        }
    }

    /// The events before the failure, and the failure.
    private func failure(
        _ provider: HTTPChatProvider,
        _ credential: Credential = credential
    ) async -> (text: String, error: ChatError?) {
        var text = ""
        do {
            try await provider.withReply(to: Self.prompt, using: credential) { events in
                for try await case .text(let more) in events { text += more }
            }
            return (text, nil)
        } catch {
            return (text, error as? ChatError)
        }
    }

    @Test("The key goes into its header and nowhere else")
    func request() async throws {
        let transport = ScriptedTransport(.init(Self.chunk + Self.end))
        _ = try await batches(provider(transport))
        let exchange = try #require(transport.exchanges.first)
        #expect(exchange.request.method == .post)
        #expect(exchange.request.scheme == "https")
        #expect(exchange.request.authority == "api.openai.com")
        #expect(exchange.request.path == "/v1/chat/completions")
        #expect(exchange.request.headerFields[.authorization] == "Bearer \(Self.key.reveal())")
        #expect(exchange.request.headerFields[.contentType] == "application/json")
        #expect(!String(decoding: exchange.content, as: UTF8.self).contains(Self.key.reveal()))
        #expect(exchange.json?["model"] == "m")
    }

    @Test("One read of bytes is one batch, comments are signs of life, and the end ends it")
    func batching() async throws {
        let transport = ScriptedTransport(
            .init(chunks: [
                Array(": hello\n\n".utf8), Array("event: ping\ndata: {}\n\n".utf8), Array("data: {\"cho".utf8),
                Array((#"ices":[{"delta":{"content":"He"}}]}"# + "\n\n" + Self.chunk).utf8), Array(Self.end.utf8),
                Array("never read".utf8),
            ]))
        let batches = try await batches(provider(transport))
        #expect(batches == [[.activity], [.activity], [.text("He"), .text("Hello")], [.finished(.stop)]])
        #expect(transport.unreadChunks == 1)
    }

    @Test("What came before a failure is shown before it")
    func failureBehindText() async {
        let broken = #"data: {"error":{"code":503,"message":"x"}}"# + "\n\n"
        let inside = await failure(provider(ScriptedTransport(.init(Self.chunk + broken))))
        #expect(inside.text == "Hello")
        #expect(inside.error?.code == .providerOverloaded)
        let cut = await failure(provider(ScriptedTransport(.init(Self.chunk))))
        #expect(cut.text == "Hello")
        #expect(cut.error?.code == .providerProtocol)
        let reset = await failure(
            provider(
                ScriptedTransport(
                    .init(chunks: [Array(Self.chunk.utf8)], failure: ChatError(.providerUnavailable, "Reset.")))))
        #expect(reset.text == "Hello")
        #expect(reset.error?.code == .providerUnavailable)
    }

    @Test("A failure status is read with its headers, and the key is not repeated")
    func failureStatus() async {
        let body = #"{"error":{"message":"no \#(Self.key.reveal()) here","code":"rate_limit_exceeded"}}"#
        let transport = ScriptedTransport(.init(status: 429, headers: ["Retry-After": "7"], body))
        let error = await failure(provider(transport)).error
        #expect(error?.code == .providerRateLimited)
        #expect(error?.retryAfter == .seconds(7))
        #expect(error?.debugDescription.contains(Self.key.reveal()) == false)
        let page = await failure(provider(ScriptedTransport(.init(status: 502, "<html>Bad gateway</html>")))).error
        #expect(page?.code == .providerUnavailable)
        let redirect = await failure(provider(ScriptedTransport(.init(status: 301, "")))).error
        #expect(redirect?.code == .providerProtocol)
    }

    @Test("JSON in place of a stream is read too")
    func bareJSON() async {
        let filtered = await failure(
            provider(ScriptedTransport(.init(#"{"error":{"message":"x","code":"content_filter"}}"#))))
        #expect(filtered.error?.code == .contentFiltered)
        let whole = #"{"choices":[{"message":{"content":"All"},"finish_reason":"stop"}]}"#
        #expect(await failure(provider(ScriptedTransport(.init(whole)))).text == "All")
        for text in ["", "<html></html>", "null", "oops"] {
            #expect(await failure(provider(ScriptedTransport(.init(text)))).error?.code == .providerProtocol, "\(text)")
        }
    }

    @Test("An answer that does not end is cut off")
    func answerLimit() async {
        let transport = ScriptedTransport(.init(chunks: Array(repeating: Array(Self.chunk.utf8), count: 100)))
        let result = await failure(provider(transport) { $0.maxAnswerBytes = 52 })
        #expect(result.error?.code == .providerProtocol)
        #expect(result.text.utf8.count <= 55)
        #expect(transport.unreadChunks > 80)
    }

    @Test("Without a key nothing is asked, nor with one that is none")
    func badKeys() async {
        let transport = ScriptedTransport()
        #expect(await failure(provider(transport), .none).error?.code == .noProviderKey)
        let split = Credential(key: Secret("sk-a\r\nx-evil: 1"))
        #expect(await failure(provider(transport), split).error?.code == .providerAuth)
        #expect(transport.exchanges.isEmpty)
    }

    @Test("A user's own address gets less trust than the operator's")
    func ownAddress() async throws {
        let own = Credential(key: Self.key, baseURL: "https://My.Host:8443/api/", isUserOwned: true)
        let transport = ScriptedTransport(.init(Self.end), .init(Self.end))
        _ = try await batches(provider(transport), own)
        _ = try await batches(provider(transport), Credential(key: Self.key, isUserOwned: true))
        #expect(transport.exchanges.map(\.request.authority) == ["my.host:8443", "api.openai.com"])
        #expect(transport.exchanges.map(\.request.path) == ["/api/chat/completions", "/v1/chat/completions"])
        #expect(transport.exchanges.map(\.options.requiresPublicAddress) == [true, false])
        let plain = Credential(key: Self.key, baseURL: "http://my.host/v1", isUserOwned: true)
        let local = HTTPChatProvider(.local, transport: transport)
        #expect(await failure(local, plain).error?.code == .invalidRequest)
    }

    @Test(
        "A base URL is one, or refused",
        arguments: [
            "ftp://a.b", "https://", "https:///v1", "https://u:p@a.b/v1", "https://a.b/v1?x=1", "https://a.b/#f",
            "a.b/v1",
            "https://a b/v1", "https://a.b\\c", "http://a.b", "https://ä.b", "https://a.b/\r\nx: y", "",
        ])
    func badBaseURLs(text: String) {
        let error = #expect(throws: ChatError.self) { try BaseURL(text, allowsPlainHTTP: false) }
        #expect(error?.code == .invalidRequest)
    }

    @Test("Models are listed, without those that do not chat")
    func models() async throws {
        let list =
            #"{"data":[{"id":"gpt-5.6"},{"id":"text-embedding-3"},{"id":"whisper-1"},{"id":"gpt-4o","shutdown_date":"2027-01-14"},{}]}"#
        let models = try await provider(ScriptedTransport(.init(list))).models(for: Self.credential)
        #expect(models.map(\.id) == ["gpt-5.6", "gpt-4o"])
        #expect(models.map(\.isDeprecated) == [false, true])
        #expect(models.allSatisfy { $0.provider == "openai" })
        let rich =
            #"{"data":[{"id":"a/b","name":"B","context_length":100,"top_provider":{"max_completion_tokens":10},"architecture":{"input_modalities":["text","file"]},"supported_parameters":["tools"]},{"id":"c","type":"embedding"}]}"#
        let router = try ProviderDescription(
            named: "router", wire: .openAIChat, baseURL: "https://openrouter.ai/api/v1")
        let listed = try await HTTPChatProvider(router, transport: ScriptedTransport(.init(rich))).models(for: .none)
        #expect(listed.count == 1)
        #expect(listed.first?.displayName == "B")
        #expect(listed.first?.contextWindow == 100)
        #expect(listed.first?.maxOutput == 10)
        #expect(listed.first?.inputModalities == ["text", "pdf"])
        #expect(listed.first?.supportsTools == true)
    }

    @Test("A list that is none, or refused, is an error")
    func badLists() async {
        let strange = provider(ScriptedTransport(.init("<html>")))
        let refused = provider(ScriptedTransport(.init(status: 401, "")))
        await #expect(throws: ChatError.self) { try await strange.models(for: Self.credential) }
        let error = await #expect(throws: ChatError.self) { try await refused.models(for: Self.credential) }
        #expect(error?.code == .providerAuth)
    }
}

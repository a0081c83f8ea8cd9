import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamKit

/// No recording lies there unread: every file of the collection belongs to a test.
@Suite("The recordings are all read", .enabled(if: Fixtures.areAvailable, "\(Fixtures.hint)"))
struct FixtureCoverageTests {
    private static let folders = ["anthropic", "compat", "gemini", "meta", "openai", "vercel", "xai"]

    /// The streams and error bodies that a test compares with what they should say.
    private static let compared = Set(
        (RecordedStreamTests.streams + RecordedStreamTests.errors + OpenAIFixtureTests.streams
            + OpenAIFixtureTests.errors).map(\.path))

    @Test("Every stream and every error body is compared", arguments: folders)
    func everyFile(folder: String) throws {
        let files = try #require(Fixtures.files(in: folder))
        #expect(files.count > 10)
        for file in files {
            let path = "\(folder)/\(file)"
            guard !["expected.json", "request.json", "headers.json", "index.tsv"].contains(where: file.hasSuffix) else {
                continue
            }
            #expect(Self.compared.contains(path) || Self.goodAnswers[path] != nil, "\(path) is read by no test")
        }
    }

    /// Answers with status 200 that are no streams, and how each is read.
    private static let goodAnswers: [String: Reading] = [
        "anthropic/models-list.200.json": .models(.anthropic, atLeast: 5),
        "openai/models-list.200.json": .models(.openAI, atLeast: 20),
        "gemini/models-list.200.json": .models(.gemini, atLeast: 5),
        "compat/llamacpp-models-list.200.json": .models(.local, atLeast: 1),
        // Ollama lists at /v1/models; its own list is read all the same.
        "compat/ollama-tags.200.json": .models(.local, atLeast: 1),
        // OpenRouter is a provider of one's own, whose keys are checked by listing models.
        "compat/openrouter-key-info.200.json": .verdict(.vercel, .wrongEndpoint),
        "vercel/gateway-credits.200.json": .verdict(.vercel, .valid),
        "xai/api-key-ok.200.json": .verdict(.xAI, .valid),
        "xai/api-key-blocked.200.json": .verdict(.xAI, .blocked),
        "xai/api-key-disabled.200.json": .verdict(.xAI, .blocked),
        "xai/api-key-team-blocked.200.json": .verdict(.xAI, .blocked),
        "gemini/safety-block-unary.200.json": .reply(.gemini, .contentFilter, nil),
        "openai/azure-content-filter-completion.200.json": .reply(.vercel, .contentFilter, nil),
        "openai/azure-prompt-filter-error-body.200.json": .reply(.vercel, nil, .contentFiltered),
    ]

    private enum Reading {
        case models(ProviderDescription, atLeast: Int)
        case verdict(ProviderDescription, KeyVerdict.Code)
        case reply(ProviderDescription, FinishReason?, ChatError.Code?)
    }

    @Test("A good answer says what it should", arguments: goodAnswers.keys.sorted())
    func goodAnswer(path: String) async throws {
        let bytes = try #require(Fixtures.bytes(path))
        switch try #require(Self.goodAnswers[path]) {
        case .models(let description, let count):
            let json = try JSONValue(parsing: bytes, .provider)
            let page = try #require(description.modelList.read(json, description.name))
            #expect(page.models.count >= count)
        case .verdict(let description, let code):
            let json = try JSONValue(parsing: bytes, .provider)
            #expect((description.keyCheck.read(json)?.code ?? .wrongEndpoint) == code)
        case .reply(let description, let finish, let code):
            let items = try EventStreamParser.items(of: bytes, chunkSize: 7)
            let summary = description.wire.summary(ofItems: items)
            #expect(summary.finish == finish)
            #expect(summary.errorCode == code)
        }
    }
}

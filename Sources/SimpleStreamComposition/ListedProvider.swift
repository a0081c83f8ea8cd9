import SimpleStreamKit

/// A provider whose models the operator listed.
struct ListedProvider: ChatProvider {
    let base: HTTPChatProvider
    let ids: [String]

    var name: String { base.name }
    var executor: (any TaskExecutor)? { base.executor }
    var operatorBaseURL: String? { base.operatorBaseURL }

    func withReply<R>(
        to prompt: Prompt,
        using credential: Credential,
        _ body: (ReplyEvents) async throws -> sending R
    ) async throws -> sending R {
        try await base.withReply(to: prompt, using: credential, body)
    }

    func verdict(on credential: Credential) async -> KeyVerdict { await base.verdict(on: credential) }

    func models(for credential: Credential) async throws(ChatError) -> [Model] {
        ids.map { Model(id: $0, provider: name) }
    }
}

import SimpleStreamKit
import Synchronization

/// Whatever OpenAI-compatible server runs on this machine: looked for at the usual ports, and again when it is gone.
///
/// Looking costs a refused connection per port, so it is done whenever somebody asks and nothing is known.
final class LocalProvider: ChatProvider {
    /// llama.cpp, Ollama, LM Studio, vLLM.
    static let usualPorts = [8080, 11434, 1234, 8000]

    let name = ProviderDescription.local.name
    private let transport: any HTTPTransport
    private let candidates: [String]
    private let patience: Duration
    private let exemptNetworks: [IPPrefix]
    private let found = Mutex<String?>(nil)

    /// - Parameters:
    ///   - candidates: base URLs in the order of preference.
    ///   - patience: how long each may take to say that a model server is there.
    ///   - exemptNetworks: private networks that users' own base URLs may lead to.
    init(
        transport: any HTTPTransport,
        candidates: [String] = LocalProvider.usualPorts.map { "http://127.0.0.1:\($0)/v1" },
        patience: Duration = .seconds(2),
        exemptNetworks: [IPPrefix] = []
    ) {
        self.transport = transport
        self.candidates = candidates
        self.patience = patience
        self.exemptNetworks = exemptNetworks
    }

    var executor: (any TaskExecutor)? { transport.executor }

    func withReply<R>(
        to prompt: Prompt,
        using credential: Credential,
        _ body: (ReplyEvents) async throws -> sending R
    ) async throws -> sending R {
        if let own = credential.baseURL {
            return try await provider(at: own).withReply(to: prompt, using: credential, body)
        }
        if let known = found.withLock({ $0 }) {
            return try await provider(at: known).withReply(to: prompt, using: credential, body)
        }
        guard let found = await look(credential) else { throw Self.nothingFound }
        return try await provider(at: found.baseURL).withReply(to: prompt, using: credential, body)
    }

    func verdict(on credential: Credential) async -> KeyVerdict {
        await look(credential) == nil
            ? KeyVerdict(.unreachable, Self.nothingFound.message) : KeyVerdict(.valid, "A model server was found.")
    }

    func models(for credential: Credential) async throws(ChatError) -> [Model] {
        guard let found = await look(credential) else { throw Self.nothingFound }
        return found.models
    }

    /// Where the server is; nil when none was found yet.
    var baseURL: String? { found.withLock { $0 } }

    /// Asks all candidates at once; the first in their order that lists models is it.
    @discardableResult
    private func look(_ credential: Credential) async -> (baseURL: String, models: [Model])? {
        // A user's own place says nothing about this machine.
        if let own = credential.baseURL { return await models(at: own, credential).map { (own, $0) } }
        if let known = found.withLock({ $0 }), let models = await models(at: known, credential) {
            return (known, models)
        }
        let answers = await withTaskGroup(of: (Int, [Model]?).self) { group in
            for (index, candidate) in candidates.enumerated() {
                group.addTask { (index, await self.models(at: candidate, credential)) }
            }
            return await group.reduce(into: [Int: [Model]]()) { answers, answer in answers[answer.0] = answer.1 }
        }
        let first = candidates.enumerated().first { answers[$0.offset] != nil }
        found.withLock { $0 = first?.element }
        return first.map { ($0.element, answers[$0.offset] ?? []) }
    }

    /// What is listed there; nil when nothing answers as a model server does.
    private func models(at baseURL: String, _ credential: Credential) async -> [Model]? {
        var description = description(at: baseURL)
        description.transport.connectTimeout = patience
        description.transport.firstByteTimeout = patience
        description.transport.idleTimeout = patience
        // Most ports are silent or somebody else's: that is no error.
        guard let models = try? await HTTPChatProvider(description, transport: transport).models(for: credential),
            !models.isEmpty
        else { return nil }
        return models
    }

    private func provider(at baseURL: String) -> HTTPChatProvider {
        HTTPChatProvider(description(at: baseURL), transport: transport)
    }

    private func description(at baseURL: String) -> ProviderDescription {
        var description = ProviderDescription.local
        description.baseURL = baseURL
        // Never through a proxy: it is this machine.
        description.transport.proxy = ""
        description.transport.exemptNetworks = exemptNetworks
        return description
    }

    private static let nothingFound = ChatError(
        .providerUnavailable,
        "No model server was found on this machine. Start one (llama.cpp, Ollama, LM Studio, vLLM) or set LOCAL_BASE_URL.",
        isRetryable: false)
}

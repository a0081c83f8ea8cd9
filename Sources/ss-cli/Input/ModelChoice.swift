import SimpleStreamKit

/// Decides which model answers.
struct ModelChoice {
    let client: any ChatClient
    let context: CommandContext

    /// What was asked for, else what the conversation was held with, else the user's default, else the first that can be
    /// used.
    ///
    /// - Throws: `CommandFailure` that says what is accepted, or what has to be set first.
    func model(asked: String?, in conversation: ConversationRecord?) async throws -> ModelName {
        if let asked { return try await named(asked, by: "-m") }
        if let last = try await last(in: conversation), isKnown(last.provider) { return last }
        if let name = context.variable("SS_MODEL") { return try await named(name, by: "SS_MODEL") }
        if let name = Preferences(context).model { return try await named(name, by: "the default model") }
        if let first = try await client.firstUsableModel() { return first }
        throw CommandFailure.configuration(
            """
            There is no model to ask yet. Set a provider's key (such as OPENAI_API_KEY) or save one with \
            `ss-cli keys set openai`; or start a local model server (llama.cpp, Ollama, LM Studio, vLLM) or name one with \
            LOCAL_BASE_URL; or set SS_DEMO=1 for demo/echo, which repeats the prompt.
            """)
    }

    /// Reads `provider/model`, `provider`, or a model's own name when only one provider has it.
    func named(_ text: String, by source: String) async throws -> ModelName {
        guard let name = ModelName(text) else {
            throw CommandFailure.usage("\(source): \"\(text)\" is no model; accepted is provider/model.")
        }
        // A server says itself what it does not have.
        let isServers = client.providerNames.isEmpty && name.model != nil
        if isServers || isKnown(name.provider) { return name }
        let known = try await client.models().map(\.name)
        let providers = client.providerNames.isEmpty ? known.map(\.provider).unique : client.providerNames
        if providers.contains(name.provider) { return name }
        // Some model ids hold a slash themselves.
        let matches = known.filter { $0.model == text }
        if let match = matches.first, matches.count == 1 { return match }
        let trouble =
            matches.isEmpty ? "there is no provider or model \"\(text)\"" : "several providers have \"\(text)\""
        let accepted =
            matches.isEmpty
            ? "provider/model with a provider out of \(providers.joined(separator: ", "))"
            : matches.map(\.description).joined(separator: ", ")
        throw CommandFailure.usage("\(source): \(trouble); accepted is \(accepted). `ss-cli models` lists them all.")
    }

    /// A server that does not tell its providers judges by itself.
    private func isKnown(_ provider: String) -> Bool {
        client.providerNames.isEmpty || client.providerNames.contains(provider)
    }

    /// Who answered last in the conversation.
    private func last(in conversation: ConversationRecord?) async throws -> ModelName? {
        guard let conversation else { return nil }
        let branch = try await client.messages(in: conversation.id).branch(endingAt: conversation.activeLeafID)
        return branch.last { $0.model != nil }?.model
    }
}

extension Array where Element: Hashable {
    /// The elements, each once, in their order.
    fileprivate var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension ProviderDescription {
    /// Anthropic, by its Messages.
    public static let anthropic: ProviderDescription = {
        let failures = AnthropicFormat.failures()
        return ProviderDescription(
            name: "anthropic",
            displayName: "Anthropic",
            baseURL: "https://api.anthropic.com/v1",
            authorization: .header("x-api-key"),
            headers: [("anthropic-version", "2023-06-01")],
            wire: AnthropicFormat(failures: failures),
            keyShape: KeyShape(
                prefixes: ["sk-ant-"],
                refused: [
                    "sk-ant-admin": "Admin keys of Anthropic cannot answer prompts.",
                    "sk-ant-oat": "That is a sign-in token of Anthropic, not an API key.",
                ],
                minimumLength: 80),
            keyCheck: KeyCheck(path: "/models?limit=1", probe: creditProbe, read: KeyCheck.modelList.read),
            modelList: .anthropic,
            failures: failures,
            streamLimits: .pictures)
    }()

    /// Models are listed to accounts without credit too; counting tokens is free, but not for them.
    private static let creditProbe = KeyCheck.Probe(
        path: "/messages/count_tokens",
        body: [
            "model": .string(ModelCatalog.standard.titleModel(of: "anthropic") ?? "claude-haiku-4-5"),
            "messages": [["role": "user", "content": "Hi"]],
        ])
}

extension ModelList {
    /// `GET /models` as Anthropic answers it.
    package static let anthropic = ModelList(path: "/models?limit=1000") { json, provider in
        guard let items = json["data"]?.array else { return nil }
        var next: String?
        if json["has_more"] == true, let last = json["last_id"]?.string {
            next = "/models?limit=1000&after_id=\(GeminiFormat.percentEncoded(last))"
        }
        return Page(models: items.compactMap { Model(anthropic: $0, provider: provider) }, next: next)
    }
}

extension Model {
    /// Reads one model as Anthropic lists it.
    fileprivate init?(anthropic item: JSONValue, provider: String) {
        guard let id = item["id"]?.string, !id.isEmpty else { return nil }
        let abilities = item["capabilities"]
        func can(_ name: String) -> Bool { abilities?[name]?["supported"] == true }
        self.init(
            id: id,
            provider: provider,
            displayName: item["display_name"]?.string,
            contextWindow: item["max_input_tokens"]?.int,
            maxOutput: item["max_tokens"]?.int,
            inputModalities: ["text"] + (can("image_input") ? ["image"] : []) + (can("pdf_input") ? ["pdf"] : []),
            isDeprecated: item["deprecated_at"]?.string != nil || item["lifecycle"] == "deprecated")
        shutdown = item["retires_at"]?.string.map { String($0.prefix(10)) }
        guard abilities?["thinking"] != nil else { return }
        if !can("thinking") { reasoningLevels = [] }
        let words = Self.allReasoningLevels.filter { abilities?["effort"]?[$0]?["supported"] == true }
        if can("effort"), !words.isEmpty { reasoningLevels = words }
    }
}

extension ProviderDescription {
    /// Google's Gemini, by GenerateContent.
    public static let gemini: ProviderDescription = {
        let failures = GeminiFailures()
        return ProviderDescription(
            name: "gemini",
            displayName: "Gemini",
            baseURL: "https://generativelanguage.googleapis.com/v1beta",
            authorization: .header("x-goog-api-key"),
            wire: GeminiFormat(failures: failures),
            keyShape: KeyShape(prefixes: ["AIza", "AQ."], minimumLength: 30),
            keyCheck: KeyCheck(path: "/models?pageSize=1") { json in json["models"]?.array == nil ? nil : .works },
            modelList: .gemini,
            failures: failures.failures,
            streamLimits: .pictures)
    }()
}

extension ModelList {
    /// `GET /models` as Google answers it.
    package static let gemini = ModelList(path: "/models?pageSize=1000") { json, provider in
        guard let items = json["models"]?.array else { return nil }
        let next = json["nextPageToken"]?.string.flatMap { token in
            token.isEmpty ? nil : "/models?pageSize=1000&pageToken=\(GeminiFormat.percentEncoded(token))"
        }
        return Page(models: items.compactMap { Model(gemini: $0, provider: provider) }, next: next)
    }
}

extension Model {
    /// Reads one model as Google lists it; nil for what does not generate content.
    fileprivate init?(gemini item: JSONValue, provider: String) {
        guard let name = item["name"]?.string,
            item["supportedGenerationMethods"]?.array?.contains("generateContent") == true
        else { return nil }
        let id = name.hasPrefix("models/") ? String(name.dropFirst(7)) : name
        guard !id.isEmpty else { return nil }
        self.init(
            id: id,
            provider: provider,
            displayName: item["displayName"]?.string,
            contextWindow: item["inputTokenLimit"]?.int,
            maxOutput: item["outputTokenLimit"]?.int)
        if item["thinking"] != true { reasoningLevels = [] }
    }
}

extension ProviderDescription {
    /// xAI, by its Responses.
    public static let xAI: ProviderDescription = {
        let failures = FailureDecoder(providerName: "xAI")
        return ProviderDescription(
            name: "xai",
            displayName: "xAI",
            baseURL: "https://api.x.ai/v1",
            wire: ResponsesFormat(provider: "xai", quirks: .xAI, failures: failures),
            keyShape: KeyShape(prefixes: ["xai-"], minimumLength: 40),
            keyCheck: KeyCheck(path: "/api-key", read: readAPIKey),
            failures: failures,
            streamLimits: .pictures)
    }()

    /// xAI answers 200 for keys that are switched off; the flags tell.
    private static func readAPIKey(_ json: JSONValue) -> KeyVerdict? {
        guard json["redacted_api_key"] != nil || json["api_key_blocked"] != nil else { return nil }
        if json["team_blocked"] == true { return KeyVerdict(.blocked, "xAI has blocked the team of this key.") }
        if json["api_key_blocked"] == true { return KeyVerdict(.blocked, "xAI has blocked this key.") }
        if json["api_key_disabled"] == true { return KeyVerdict(.blocked, "This key is disabled at xAI.") }
        let rights = json["acls"]?.array?.compactMap(\.string) ?? []
        let isFree = rights.contains("api-key:endpoint:*") && rights.contains("api-key:model:*")
        return isFree || rights.isEmpty
            ? .works : KeyVerdict(.valid, "The key is restricted to some endpoints or models.")
    }
}

extension ChatCompletionsQuirks {
    /// xAI, whose output counts leave reasoning out.
    package static let xAI = ChatCompletionsQuirks {
        $0.maxTokensField = "max_completion_tokens"
        $0.usageExcludesReasoning = true
        $0.models = .xAI
    }
}

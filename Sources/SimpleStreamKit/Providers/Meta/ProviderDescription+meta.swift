extension ProviderDescription {
    /// Meta's Model API, by its Responses.
    public static let meta: ProviderDescription = {
        let failures = FailureDecoder(providerName: "Meta")
        return ProviderDescription(
            name: "meta",
            displayName: "Meta",
            baseURL: "https://api.meta.ai/v1",
            wire: ResponsesFormat(provider: "meta", quirks: .meta, failures: failures),
            keyShape: KeyShape(prefixes: ["LLM|"]),
            failures: failures)
    }()
}

extension ChatCompletionsQuirks {
    /// Meta.
    package static let meta = ChatCompletionsQuirks {
        $0.maxTokensField = "max_completion_tokens"
        $0.models = .meta
    }
}

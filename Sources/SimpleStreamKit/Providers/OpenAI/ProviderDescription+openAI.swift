extension ProviderDescription {
    /// OpenAI, by its Responses.
    public static let openAI: ProviderDescription = {
        let failures = FailureDecoder(providerName: "OpenAI")
        return ProviderDescription(
            name: "openai",
            displayName: "OpenAI",
            baseURL: "https://api.openai.com/v1",
            wire: ResponsesFormat(provider: "openai", quirks: .openAI, failures: failures),
            keyShape: KeyShape(
                prefixes: ["sk-"],
                refused: [
                    "sk-admin-": "Admin keys of OpenAI cannot answer prompts.",
                    "sk-ant-": "That is a key of Anthropic.",
                ]),
            keyCheck: KeyCheck(
                path: "/models",
                statuses: [403: KeyVerdict(.valid, "The key is restricted. It may be able to answer.")],
                read: KeyCheck.modelList.read),
            failures: failures,
            streamLimits: .pictures)
    }()
}

extension ChatCompletionsQuirks {
    /// OpenAI itself.
    package static let openAI = ChatCompletionsQuirks {
        $0.systemRole = "developer"
        $0.maxTokensField = "max_completion_tokens"
        $0.acceptsFiles = true
        $0.sendsCacheKey = true
        $0.webSearch = .searchModels
        $0.models = .openAI
    }
}

extension EventStreamParser.Limits {
    /// For providers that send whole pictures in one line.
    package static let pictures = EventStreamParser.Limits(line: 16 << 20, event: 16 << 20)
}

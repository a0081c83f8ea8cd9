extension ProviderDescription {
    /// Any server that speaks chat completions: llama.cpp, Ollama, vLLM, LM Studio.
    public static let local: ProviderDescription = {
        let failures = FailureDecoder(providerName: "The local server")
        return ProviderDescription(
            name: "local",
            displayName: "Local",
            baseURL: "http://127.0.0.1:8080/v1",
            authorization: .optionalBearer,
            wire: ChatCompletionsFormat(provider: "local", quirks: .compatible, failures: failures),
            // A model may have to be loaded from disk first.
            transport: TransportOptions(
                firstByteTimeout: .seconds(600), idleTimeout: .seconds(600), allowsPlainHTTP: true),
            failures: failures)
    }()
}

extension ChatCompletionsQuirks {
    /// The least common denominator.
    package static let compatible = ChatCompletionsQuirks { $0.mayEndWithoutReason = true }

    /// OpenRouter.
    package static let openRouter = ChatCompletionsQuirks {
        $0.acceptsFiles = true
        $0.nestsEffort = true
        $0.webSearch = .plugin
    }

    /// DeepSeek, which wants its reasoning back after tool calls.
    package static let deepSeek = ChatCompletionsQuirks {
        $0.replaysReasoning = true
    }
}

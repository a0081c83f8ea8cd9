/// `POST /chat/completions`, as OpenAI made it and everyone copied it.
package struct ChatCompletionsFormat: WireFormat {
    let provider: String
    let quirks: ChatCompletionsQuirks
    let failures: FailureDecoder

    /// Makes the format.
    ///
    /// - Parameter provider: the provider's name, under which its state is kept.
    package init(provider: String, quirks: ChatCompletionsQuirks, failures: FailureDecoder) {
        self.provider = provider
        self.quirks = quirks
        self.failures = failures
    }

    package func makeDecoder() -> ChatCompletionsDecoder {
        ChatCompletionsDecoder(provider: provider, quirks: quirks, failures: failures)
    }

    package func request(for prompt: Prompt) throws(ChatError) -> WireRequest {
        let request = ChatCompletionsRequest(provider: provider, quirks: quirks)
        return WireRequest(path: "/chat/completions", body: try request.body(for: prompt).encoded)
    }

    package func failure(_ response: WireFailure) -> ChatError { failures.error(response) }
}

/// `POST /responses`, as OpenAI made it and xAI and Meta copied it.
package struct ResponsesFormat: WireFormat {
    let provider: String
    let quirks: ResponsesQuirks
    let failures: FailureDecoder

    /// Makes the format.
    ///
    /// - Parameter provider: the provider's name, under which its state is kept.
    package init(provider: String, quirks: ResponsesQuirks, failures: FailureDecoder) {
        self.provider = provider
        self.quirks = quirks
        self.failures = failures
    }

    package func makeDecoder() -> ResponsesDecoder {
        ResponsesDecoder(provider: provider, quirks: quirks, failures: failures)
    }

    package func request(for prompt: Prompt) throws(ChatError) -> WireRequest {
        let request = ResponsesRequest(provider: provider, quirks: quirks)
        return WireRequest(path: "/responses", body: try request.body(for: prompt).encoded)
    }

    package func failure(_ response: WireFailure) -> ChatError { failures.error(response) }
}

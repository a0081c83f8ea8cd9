/// `POST /messages`, Anthropic's language, which some gateways and local servers speak too.
package struct AnthropicFormat: WireFormat {
    let provider: String
    let models: ModelCatalog
    /// What is assumed of a model the catalog does not know.
    let unknownModels: UnknownModels
    let failures: FailureDecoder

    /// What to send to a model nobody has told us about.
    package enum UnknownModels: Sendable {
        /// It is Anthropic's and new: it thinks adaptively and refuses temperature and top p.
        case newest
        /// It is somebody else's: it takes the parameters that were there from the start.
        case foreign
    }

    /// Makes the format.
    ///
    /// - Parameter provider: the provider's name, under which its state is kept and its models are looked up.
    package init(
        provider: String = "anthropic",
        models: ModelCatalog = .standard,
        unknownModels: UnknownModels = .newest,
        failures: FailureDecoder = AnthropicFormat.failures()
    ) {
        self.provider = provider
        self.models = models
        self.unknownModels = unknownModels
        self.failures = failures
    }

    package func makeDecoder() -> AnthropicDecoder { AnthropicDecoder(provider: provider, failures: failures) }

    package func request(for prompt: Prompt) throws(ChatError) -> WireRequest {
        let request = AnthropicRequest(format: self, prompt: prompt)
        return WireRequest(
            path: "/messages", headers: [("anthropic-version", "2023-06-01")], body: try request.body().encoded)
    }

    package func failure(_ response: WireFailure) -> ChatError { failures.error(response) }

    /// What Anthropic's errors mean, for a provider of that name.
    package static func failures(of providerName: String = "Anthropic") -> FailureDecoder {
        FailureDecoder(
            providerName: providerName,
            rules: [
                FailureRule(
                    .quotaExhausted,
                    codes: ["billing_error"],
                    phrases: [
                        "credit balance is too low", "spend limit", "spend_limit_reached", "specified api usage limits",
                    ]),
                FailureRule(.keyBlocked, phrases: ["organization has been disabled", "organization_on_hold"]),
                FailureRule(.contentFiltered, phrases: ["content filtering policy"]),
                FailureRule(.keyInvalid, codes: ["authentication_error"]),
                FailureRule(.permission, codes: ["permission_error"]),
                FailureRule(.contextLengthExceeded, phrases: ["prompt is too long", "exceed context limit"]),
                FailureRule(.modelNotFound, codes: ["not_found_error"]),
                FailureRule(.tooLarge, codes: ["request_too_large"]),
                FailureRule(.rateLimited, codes: ["rate_limit_error"]),
                FailureRule(.overloaded, codes: ["overloaded_error"]),
                FailureRule(.unavailable, codes: ["api_error", "timeout_error"]),
                FailureRule(.invalidRequest, codes: ["invalid_request_error"]),
            ])
    }
}

/// The name of a wire format in configuration.
public struct WireName: RawRepresentable, Sendable, Hashable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let openAIResponses = WireName(rawValue: "openai-responses")
    public static let openAIChat = WireName(rawValue: "openai-chat")

    public static let anthropicMessages = WireName(rawValue: "anthropic-messages")
    public static let geminiGenerate = WireName(rawValue: "gemini-generate")

    /// The names that are accepted.
    public static let all: [WireName] = [.openAIResponses, .openAIChat, .anthropicMessages, .geminiGenerate]
}

extension ProviderDescription {
    /// Describes a provider an operator named.
    ///
    /// - Throws: `invalid_request` for a wire format nobody knows and a base URL that is none.
    public init(named name: String, wire: WireName, baseURL: String) throws(ChatError) {
        let url = try BaseURL(baseURL, allowsPlainHTTP: true)
        self.init(
            name: name,
            displayName: name,
            baseURL: baseURL,
            authorization: .optionalBearer,
            wire: ChatCompletionsFormat(
                provider: name, quirks: .at(url.authority), failures: FailureDecoder(providerName: name)),
            transport: TransportOptions(allowsPlainHTTP: url.scheme == "http"),
            failures: FailureDecoder(providerName: name),
            streamLimits: .pictures)
        switch wire {
        case .openAIChat: break
        case .openAIResponses:
            self.wire = ResponsesFormat(provider: name, quirks: .at(url.authority), failures: failures)
        case .anthropicMessages:
            failures = AnthropicFormat.failures(of: name)
            self.wire = AnthropicFormat(provider: name, unknownModels: .foreign, failures: failures)
            authorization = .header("x-api-key", isRequired: false)
            headers = ProviderDescription.anthropic.headers
            modelList = .anthropic
        case .geminiGenerate:
            let gemini = GeminiFailures(providerName: name)
            failures = gemini.failures
            self.wire = GeminiFormat(provider: name, failures: gemini)
            authorization = .header("x-goog-api-key", isRequired: false)
            modelList = .gemini
        default:
            let accepted = WireName.all.map(\.rawValue).joined(separator: ", ")
            throw ChatError(.invalidRequest, "There is no wire format \(wire.rawValue); accepted are \(accepted).")
        }
    }
}

extension ChatCompletionsQuirks {
    /// The quirks of a known host; the least common denominator for any other.
    static func at(_ authority: String) -> ChatCompletionsQuirks {
        let known: [(host: String, quirks: ChatCompletionsQuirks)] = [
            ("api.openai.com", .openAI), ("openai.azure.com", .openAI), ("api.x.ai", .xAI),
            ("openrouter.ai", .openRouter), ("api.deepseek.com", .deepSeek), ("ai-gateway.vercel.sh", .vercel),
            ("v0.dev", .v0), ("api.meta.ai", .meta),
        ]
        return known.first { isHost(authority, $0.host) }?.quirks ?? .compatible
    }
}

extension ResponsesQuirks {
    /// The quirks of a known host; the least common denominator for any other.
    static func at(_ authority: String) -> ResponsesQuirks {
        let known: [(host: String, quirks: ResponsesQuirks)] = [
            ("api.openai.com", .openAI), ("openai.azure.com", .openAI), ("api.x.ai", .xAI), ("api.meta.ai", .meta),
        ]
        return known.first { isHost(authority, $0.host) }?.quirks ?? .compatible
    }
}

/// Whether `authority` names `host` or one below it.
private func isHost(_ authority: String, _ host: String) -> Bool {
    let name = authority.prefix { $0 != ":" }
    return name == host || name.hasSuffix("." + host)
}

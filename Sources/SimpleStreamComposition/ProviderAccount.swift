package import SimpleStreamKit

/// The operator's account at a provider this package knows.
package struct ProviderAccount: Sendable {
    package var provider: String
    package var key: Secret?
    /// Where the operator's key is sent; nil is the provider's own base URL.
    package var baseURL: String?

    /// What the variables of a provider are called.
    private static let names: [(provider: String, key: String, baseURL: String)] = [
        ("openai", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        ("anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
        ("gemini", "GEMINI_API_KEY", "GEMINI_BASE_URL"),
        ("xai", "XAI_API_KEY", "XAI_BASE_URL"),
        ("meta", "META_API_KEY", "META_BASE_URL"),
        ("vercel", "AI_GATEWAY_API_KEY", "VERCEL_BASE_URL"),
    ]

    /// The variables that are read.
    package static let variables = names.flatMap { [$0.key, $0.baseURL] }

    /// The variable that holds the operator's key for a provider; nil for one that has none.
    package static func keyVariable(of provider: String) -> String? {
        names.first { $0.provider == provider }?.key
    }

    static func all(_ variables: Variables) throws(ConfigurationError) -> [ProviderAccount] {
        var accounts: [ProviderAccount] = []
        for name in names {
            let path = ProviderListing.named(name.provider).flatMap {
                try? BaseURL($0.baseURL, allowsPlainHTTP: true).path
            }
            let baseURL = try EngineSettings.baseURL(
                name.baseURL, variables, standardPath: path ?? "/v1", allowsPlainHTTP: false)
            let key = try key(name.key, variables)
            if key != nil || baseURL != nil {
                accounts.append(ProviderAccount(provider: name.provider, key: key, baseURL: baseURL))
            }
        }
        return accounts
    }

    /// A key an operator gives.
    static func key(_ name: String, _ variables: Variables) throws(ConfigurationError) -> Secret? {
        guard let key = variables[name] else { return nil }
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ConfigurationError(name, "it holds characters no key has", accepted: "the key alone")
        }
        return Secret(key)
    }
}

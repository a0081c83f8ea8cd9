/// The providers this package knows.
public enum ProviderListing {
    /// All of them. A new one is one file and its name here.
    public static let builtIn: [ProviderDescription] = [
        .openAI, .anthropic, .gemini, .xAI, .meta, .vercel, .local,
    ]

    /// The one called `name`.
    public static func named(_ name: String) -> ProviderDescription? { builtIn.first { $0.name == name } }
}

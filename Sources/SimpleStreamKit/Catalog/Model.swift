/// A model and what is known of it.
///
/// Nil means unknown, not none.
public struct Model: Sendable, Hashable, Identifiable {
    /// The provider's own id.
    public var id: String
    public var provider: String
    public var displayName: String
    /// Tokens it can read.
    public var contextWindow: Int?
    /// Tokens it can write.
    public var maxOutput: Int?
    /// Out of text, image, pdf, audio, video.
    public var inputModalities: [String]
    public var outputModalities: [String]
    /// The reasoning efforts it takes; empty for a model that does not reason, nil when unknown.
    public var reasoningLevels: [String]?
    /// How those efforts are asked for; nil when unknown or when it does not reason.
    public var reasoning: Reasoning?
    /// Whether it takes a temperature or top p; nil when unknown.
    public var sampling: Sampling?
    public var supportsTools: Bool?
    public var supportsWebSearch: Bool?
    public var price: Price?
    /// Whether its provider has stopped it or has said when it will.
    public var isDeprecated: Bool
    /// Whether it no longer answers.
    public var isRetired = false
    /// The day its provider stops or stopped it, as `yyyy-mm-dd` or `yyyy-mm`.
    public var shutdown: String?
    /// What else a user should know.
    public var note: String?

    public init(
        id: String,
        provider: String,
        displayName: String? = nil,
        contextWindow: Int? = nil,
        maxOutput: Int? = nil,
        inputModalities: [String] = ["text"],
        outputModalities: [String] = ["text"],
        reasoningLevels: [String]? = nil,
        supportsTools: Bool? = nil,
        supportsWebSearch: Bool? = nil,
        price: Price? = nil,
        isDeprecated: Bool = false
    ) {
        self.id = id
        self.provider = provider
        self.displayName = displayName ?? id
        self.contextWindow = contextWindow
        self.maxOutput = maxOutput
        self.inputModalities = inputModalities
        self.outputModalities = outputModalities
        self.reasoningLevels = reasoningLevels
        self.supportsTools = supportsTools
        self.supportsWebSearch = supportsWebSearch
        self.price = price
        self.isDeprecated = isDeprecated
    }
}

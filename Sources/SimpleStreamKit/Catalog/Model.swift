/// A model and what is known of it. Nil means unknown, not none.
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
    public var supportsTools: Bool?
    public var supportsWebSearch: Bool?
    public var price: Price?
    public var isDeprecated: Bool

    /// What tokens cost, in millionths of a US dollar per million tokens.
    public struct Price: Sendable, Hashable {
        public var input: Int
        public var cachedInput: Int?
        public var cacheWrite: Int?
        public var output: Int
        /// Where and when the price was read.
        public var source: String

        public init(input: Int, cachedInput: Int? = nil, cacheWrite: Int? = nil, output: Int, source: String) {
            self.input = input
            self.cachedInput = cachedInput
            self.cacheWrite = cacheWrite
            self.output = output
            self.source = source
        }
    }

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

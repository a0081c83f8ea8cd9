/// The tokens one provider call used, counted alike for every provider.
public struct TokenUsage: Sendable, Hashable, Codable {
    /// Everything read, cached and newly cached tokens included.
    public var inputTokens: Int
    /// The part of ``inputTokens`` that was read from the provider's cache.
    public var cachedInputTokens: Int
    /// The part of ``inputTokens`` that was written to the provider's cache.
    public var cacheWriteTokens: Int
    /// Everything written, reasoning included.
    public var outputTokens: Int
    /// The part of ``outputTokens`` spent on reasoning.
    public var reasoningTokens: Int
    /// Whether the provider did not say and we estimated.
    public var estimated: Bool

    public init(
        inputTokens: Int = 0,
        cachedInputTokens: Int = 0,
        cacheWriteTokens: Int = 0,
        outputTokens: Int = 0,
        reasoningTokens: Int = 0,
        estimated: Bool = false
    ) {
        self.inputTokens = inputTokens
        self.cachedInputTokens = cachedInputTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.outputTokens = outputTokens
        self.reasoningTokens = reasoningTokens
        self.estimated = estimated
    }

    /// Input plus output; `Int.max` rather than an overflow.
    public var totalTokens: Int {
        let (sum, overflow) = inputTokens.addingReportingOverflow(outputTokens)
        return overflow ? .max : sum
    }
}

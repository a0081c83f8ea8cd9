extension UsageRecord {
    /// The record as a store keeps it: no count below zero or so high that sums could overflow.
    package var stored: UsageRecord {
        var copy = self
        copy.usage.inputTokens = Self.bounded(usage.inputTokens)
        copy.usage.cachedInputTokens = Self.bounded(usage.cachedInputTokens)
        copy.usage.cacheWriteTokens = Self.bounded(usage.cacheWriteTokens)
        copy.usage.outputTokens = Self.bounded(usage.outputTokens)
        copy.usage.reasoningTokens = Self.bounded(usage.reasoningTokens)
        copy.costMicroUSD = costMicroUSD.map(Self.bounded)
        return copy
    }

    private static func bounded(_ count: Int) -> Int { min(max(count, 0), 1_000_000_000_000) }
}

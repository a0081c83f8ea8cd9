/// Reads token counts in OpenAI's two shapes and those of its copies.
enum OpenAIUsage {
    /// The counts; nil when there is not one.
    ///
    /// Where the output count leaves reasoning out, the total tells: it is the sum of all three.
    ///
    /// - Parameter addsReasoning: whether it is known to be left out, as at xAI's chat completions.
    static func read(_ usage: JSONView, addsReasoning: Bool = false) -> TokenUsage? {
        var result = TokenUsage()
        var isEmpty = true
        var members = usage.members
        while let member = try? members.next() {  // Malformed: what was read before holds.
            isEmpty = !take(member, into: &result) && isEmpty
        }
        if isEmpty { return nil }
        let sum = result.inputTokens + result.outputTokens + result.reasoningTokens
        if addsReasoning || (result.reasoningTokens > 0 && usage["total_tokens"]?.int == sum) {
            result.outputTokens += result.reasoningTokens
        }
        return result
    }

    private static func take(_ member: JSONView.Member, into usage: inout TokenUsage) -> Bool {
        switch member.key {
        case "prompt_tokens", "input_tokens": usage.inputTokens = count(member.value)
        case "completion_tokens", "output_tokens": usage.outputTokens = count(member.value)
        case "prompt_tokens_details", "input_tokens_details": takeInputDetails(member.value, into: &usage)
        case "completion_tokens_details", "output_tokens_details":
            usage.reasoningTokens = count(member.value["reasoning_tokens"])
        case "prompt_cache_hit_tokens":
            usage.cachedInputTokens = max(usage.cachedInputTokens, count(member.value))
        default: return false
        }
        return true
    }

    private static func takeInputDetails(_ details: JSONView, into usage: inout TokenUsage) {
        usage.cachedInputTokens = max(usage.cachedInputTokens, count(details["cached_tokens"]))
        usage.cacheWriteTokens = count(details["cache_write_tokens"])
    }

    /// A count that cannot be negative or absurd.
    private static func count(_ view: JSONView?) -> Int { min(max(view?.int ?? 0, 0), 1 << 50) }

}

/// Anthropic's token counts, which come in two parts: what is said later replaces what was said before.
struct AnthropicUsage: Sendable {
    private var input = 0
    private var cacheRead = 0
    private var cacheWrite = 0
    private var output = 0
    private var thinking = 0
    private var outputAtStart = 0

    init() {}

    /// Takes the counts that `usage` has; says whether there was one.
    ///
    /// - Parameter isStart: whether nothing was written yet. The token or two that are counted then are no measure of an
    ///   answer that is stopped before it is counted; see ``totalAtError``.
    mutating func take(_ usage: JSONView, isStart: Bool = false) -> Bool {
        var found = false
        func set(_ count: inout Int, _ view: JSONView?) {
            guard let value = view?.int else { return }
            count = min(max(0, value), 1 << 50)
            found = true
        }
        set(&input, usage["input_tokens"])
        set(&cacheRead, usage["cache_read_input_tokens"])
        set(&cacheWrite, usage["cache_creation_input_tokens"])
        if isStart {
            set(&outputAtStart, usage["output_tokens"])
        } else {
            set(&output, usage["output_tokens"])
        }
        set(&thinking, usage["output_tokens_details"]?["thinking_tokens"])
        return found
    }

    /// The counts of an answer that Anthropic itself breaks off before it has counted what was written: those of the start
    /// are all it says. Nil when it has counted more.
    var totalAtError: TokenUsage? {
        guard output == 0, outputAtStart > 0 else { return nil }
        var total = total
        total.outputTokens = outputAtStart
        return total
    }

    /// The counts in our sense: Anthropic leaves out of the input what was read from or written to the cache.
    var total: TokenUsage {
        TokenUsage(
            inputTokens: input + cacheRead + cacheWrite, cachedInputTokens: cacheRead, cacheWriteTokens: cacheWrite,
            outputTokens: output, reasoningTokens: thinking)
    }
}

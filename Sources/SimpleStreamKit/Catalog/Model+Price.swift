extension Model {
    /// What tokens cost, in millionths of a US dollar per million tokens.
    public struct Price: Sendable, Hashable {
        public var input: Int
        /// Nil when reading the cache is no cheaper.
        public var cachedInput: Int?
        /// Nil when writing the cache is no dearer.
        public var cacheWrite: Int?
        public var output: Int
        /// What a long prompt costs instead, all its tokens; nil when length does not matter.
        public var longPrompt: LongPrompt?
        /// Where and when the price was read.
        public var source: String

        public init(
            input: Int,
            cachedInput: Int? = nil,
            cacheWrite: Int? = nil,
            output: Int,
            longPrompt: LongPrompt? = nil,
            source: String
        ) {
            self.input = input
            self.cachedInput = cachedInput
            self.cacheWrite = cacheWrite
            self.output = output
            self.longPrompt = longPrompt
            self.source = source
        }
    }
}

extension Model.Price {
    /// The prices of a prompt beyond a length.
    public struct LongPrompt: Sendable, Hashable {
        /// Prompts of more tokens than this cost more.
        public var threshold: Int
        public var input: Int
        public var cachedInput: Int?
        public var cacheWrite: Int?
        public var output: Int

        public init(threshold: Int, input: Int, cachedInput: Int? = nil, cacheWrite: Int? = nil, output: Int) {
            self.threshold = threshold
            self.input = input
            self.cachedInput = cachedInput
            self.cacheWrite = cacheWrite
            self.output = output
        }
    }

    /// What `usage` costs in millionths of a US dollar.
    ///
    /// The exact sum of all parts is rounded once, half up, to whole millionths; it ends at `Int.max`. Cached and newly
    /// cached tokens are part of the input and are priced as such, reasoning is part of the output. Counts below zero
    /// are taken for zero, parts larger than their whole for the whole.
    public func cost(of usage: TokenUsage) -> Int {
        let input = max(0, usage.inputTokens)
        let cached = min(max(0, usage.cachedInputTokens), input)
        let written = min(max(0, usage.cacheWriteTokens), input - cached)
        let rates = rates(forPromptOf: input)
        let parts = [
            (input - cached - written, rates.input),
            (cached, rates.cachedInput ?? rates.input),
            (written, rates.cacheWrite ?? rates.input),
            (max(0, usage.outputTokens), rates.output),
        ]
        // Four products of two 63-bit numbers and the rounding fit in 128 bits.
        let sum = parts.reduce(UInt128(0)) { $0 + UInt128($1.0) * UInt128(max(0, $1.1)) }
        return Int(clamping: (sum + 500_000) / 1_000_000)
    }

    /// What holds for a prompt of that many tokens.
    private func rates(forPromptOf tokens: Int) -> LongPrompt {
        if let longPrompt, tokens > longPrompt.threshold { return longPrompt }
        return LongPrompt(
            threshold: 0, input: input, cachedInput: cachedInput, cacheWrite: cacheWrite, output: output)
    }
}

extension Model {
    /// What `usage` of this model costs in millionths of a US dollar; nil when its price is unknown.
    public func cost(of usage: TokenUsage) -> Int? { price?.cost(of: usage) }
}

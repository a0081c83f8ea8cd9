/// How much of a conversation may be sent.
public struct ContextBudget: Sendable, Hashable {
    /// The most estimated tokens of system prompt, tools and messages together.
    public var tokens: Int

    public init(tokens: Int) { self.tokens = max(0, tokens) }

    /// No limit.
    public static let unlimited = ContextBudget(tokens: .max)

    /// What fits into a model's window beside its answer.
    ///
    /// The answer gets what `options` ask for, else what the model can write, but at most half of the window, and 16 384
    /// tokens when nothing was asked for. A tenth stays free because tokens are only estimated. A model of unknown window
    /// has no limit: its provider will say when it is too much, see ``smaller(than:)``.
    public init(for model: Model, options: GenerationOptions = GenerationOptions()) {
        guard let window = model.contextWindow, window > 0 else {
            self = .unlimited
            return
        }
        let wanted = options.maxTokens ?? min(model.maxOutput ?? 4_096, 16_384)
        let answer = min(max(0, wanted), window / 2)
        self.init(tokens: (window - answer) / 10 * 9)
    }

    /// A smaller budget for the one retry after the provider found `prompt` too long.
    ///
    /// When the error says how long it was and how long it may be, the same share of the estimate and a margin for what is
    /// only estimated; else half.
    public func smaller(than prompt: Prompt, after error: ChatError? = nil) -> ContextBudget {
        let sent = min(tokens, TokenEstimate.tokens(in: prompt))
        guard let share = Self.allowedShare(error?.detail ?? "") else { return ContextBudget(tokens: sent / 2) }
        return ContextBudget(tokens: Int(Double(sent) * share * 0.75))
    }

    /// The largest number in a provider's words is what was sent, the next smaller one what is allowed; nil when there
    /// are no two of a size that could be meant.
    private static func allowedShare(_ words: String) -> Double? {
        // What stands before the first colon is the status.
        let sentence = words.drop { $0 != ":" }
        let numbers = Set(sentence.split { !$0.isASCII || !$0.isNumber }.compactMap { Int($0) }).sorted()
        guard let sent = numbers.last, let allowed = numbers.dropLast().last, allowed >= 256 else { return nil }
        return Double(allowed) / Double(sent)
    }

    /// Drops the oldest messages until the prompt fits.
    ///
    /// The system prompt, the user's last message and what follows it always stay, even when they are too much. What is
    /// left begins with a user's message, and no tool result stays without its call.
    ///
    /// - Returns: how many messages were dropped.
    public func trim(_ prompt: inout Prompt) -> Int {
        let messages = prompt.messages
        let sizes = messages.map { TokenEstimate.tokens(in: $0) }
        var total = TokenEstimate.tokens(in: prompt)
        guard total > tokens, let last = messages.lastIndex(where: \.isUsersOwn) else { return 0 }
        var start = 0
        while start < last, total > tokens || !messages[start].isUsersOwn {
            total -= sizes[start]
            start += 1
        }
        prompt.messages.removeFirst(start)
        return start
    }
}

extension PromptMessage {
    /// Whether a user wrote it, rather than an assistant or a tool.
    fileprivate var isUsersOwn: Bool {
        role == .user && parts.contains { if case .toolResult = $0 { false } else { true } }
    }
}

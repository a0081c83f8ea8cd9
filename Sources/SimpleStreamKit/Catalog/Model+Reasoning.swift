extension Model {
    /// How a model is told how much to think.
    public struct Reasoning: Sendable, Hashable {
        /// The parameter that does it.
        public struct Control: RawRepresentable, Hashable, Sendable {
            public let rawValue: String

            public init(rawValue: String) { self.rawValue = rawValue }

            /// A word such as `low`: OpenAI, xAI, Meta.
            public static let effort = Control(rawValue: "effort")
            /// A word, and thinking must be switched on: Anthropic since 4.7.
            public static let adaptive = Control(rawValue: "adaptive")
            /// A word, and thinking cannot be switched off: Anthropic's newest.
            public static let always = Control(rawValue: "always")
            /// A word or a budget: Anthropic 4.6.
            public static let either = Control(rawValue: "either")
            /// A number of tokens: Anthropic to 4.5, Gemini 2.5.
            public static let budget = Control(rawValue: "budget")
            /// A thinking level: Gemini since 3.
            public static let level = Control(rawValue: "level")
        }

        public var control: Control
        /// The fewest and the most tokens of a budget; zero may be allowed besides, see `none` in the levels.
        public var budget: ClosedRange<Int>?
        /// The level taken when none is asked for, where it is known.
        public var defaultLevel: String?

        public init(control: Control, budget: ClosedRange<Int>? = nil, defaultLevel: String? = nil) {
            self.control = control
            self.budget = budget
            self.defaultLevel = defaultLevel
        }
    }

    /// What a model does with temperature and top p.
    public struct Sampling: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// Takes both.
        public static let any = Sampling(rawValue: "any")
        /// Takes one at a time, and none while thinking.
        public static let one = Sampling(rawValue: "one")
        /// Takes both, but only with the reasoning effort `none`.
        public static let idle = Sampling(rawValue: "idle")
        /// Refuses both.
        public static let none = Sampling(rawValue: "no")
    }

    /// All reasoning levels from the least to the most.
    public static let allReasoningLevels = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

    /// The level of this model that is nearest to `effort`, the lower of two that are as near.
    ///
    /// What asks for no thinking gets `none` or the least there is; what asks for some never gets `none` unless that is
    /// all there is.
    ///
    /// - Returns: `effort` itself when the model's levels are unknown, nil when it does not reason or `effort` is no
    ///   level.
    public func reasoningLevel(nearestTo effort: String) -> String? {
        guard let reasoningLevels else { return effort }
        guard let wanted = Self.allReasoningLevels.firstIndex(of: effort) else { return nil }
        let levels = reasoningLevels.compactMap { level in
            Self.allReasoningLevels.firstIndex(of: level).map { (level: level, rank: $0) }
        }
        let thinking = levels.filter { $0.rank > 0 }
        let candidates = wanted == 0 || thinking.isEmpty ? levels : thinking
        return candidates.min { (abs($0.rank - wanted), $0.rank) < (abs($1.rank - wanted), $1.rank) }?.level
    }

    /// The tokens to think with that match `level`, within this model's budget; nil when it takes no budget or `level`
    /// is no level.
    public func reasoningBudget(for level: String) -> Int? {
        guard let budget = reasoning?.budget else { return nil }
        let wanted: Int? =
            switch level {
            case "none": 0
            case "minimal": 1024
            case "low": 2048
            case "medium": 8192
            case "high": 16384
            case "xhigh": 24576
            case "max": 32768
            default: nil
            }
        guard let wanted else { return nil }
        if wanted == 0, reasoningLevels?.contains("none") == true { return 0 }
        return min(max(wanted, budget.lowerBound), budget.upperBound)
    }
}

extension ModelRules {
    /// OpenAI's models, from its documentation and its SDK.
    package static let openAI: ModelRules = {
        let classic = Rule(efforts: [])
        let searching = Rule(efforts: [], sampling: .never)
        let series = Rule(efforts: ["low", "medium", "high"], sampling: .never)
        let five = Rule(efforts: ["minimal", "low", "medium", "high"], sampling: .never, takesVerbosity: true)
        let pro = Rule(efforts: ["medium", "high", "xhigh"], sampling: .never, takesVerbosity: true)
        return ModelRules(
            [
                "gpt-3.5": classic, "gpt-4": classic, "chatgpt-4o": classic, "ft:gpt-3.5": classic,
                "ft:gpt-4": classic, "gpt-5-chat": classic, "o1-mini": Rule(efforts: [], sampling: .never),
                "gpt-4o-search": searching, "gpt-4o-mini-search": searching, "gpt-5-search": searching,
                "o1": series, "o3": series, "o4": series,
                "gpt-5": five,
                "gpt-5-codex": Rule(efforts: ["low", "medium", "high"], sampling: .never, takesVerbosity: true),
                "gpt-5-pro": Rule(efforts: ["high"], sampling: .never, takesVerbosity: true),
                "gpt-5.1": optional(["none", "low", "medium", "high"], reasonsByDefault: false),
                "gpt-5.2": optional(upToExtraHigh, reasonsByDefault: false),
                "gpt-5.2-pro": pro,
                "gpt-5.3": optional(upToExtraHigh, reasonsByDefault: true),
                "gpt-5.4": optional(upToExtraHigh, reasonsByDefault: false),
                "gpt-5.4-pro": pro,
                "gpt-5.5": optional(upToExtraHigh, reasonsByDefault: true),
                "gpt-5.5-pro": pro,
                "gpt-5.6": optional(upToExtraHigh, reasonsByDefault: true),
                "gpt-6": optional(upToExtraHigh + ["max"], reasonsByDefault: true),
                "gpt-6-astra": always, "gpt-6.1-sol": always,
            ])
    }()

    /// xAI's models: sampling is taken everywhere, effort only where it reasons.
    package static let xAI = ModelRules(
        [
            "grok-4.20-non-reasoning": Rule(efforts: []),
            "grok-2": Rule(efforts: []),
            "grok-3": Rule(efforts: []),
            "grok-3-mini": Rule(efforts: ["low", "high"]),
            "grok-4-0709": Rule(efforts: []),
            "grok-4-fast": Rule(efforts: []),
            "grok-4-1-fast": Rule(efforts: []),
            "grok-code": Rule(efforts: []),
        ],
        fallback: Rule(efforts: ["low", "medium", "high"]))

    /// Meta's models, which always reason and refuse a verbosity.
    package static let meta = ModelRules(
        ["muse-wonder": Rule(efforts: ["minimal", "low", "medium", "high", "xhigh", "max"])],
        fallback: Rule(efforts: ["minimal", "low", "medium", "high", "xhigh"]))

    private static let upToExtraHigh = ["none", "low", "medium", "high", "xhigh"]
    private static let always = Rule(
        efforts: ["low", "medium", "high", "xhigh", "max"], sampling: .never, takesVerbosity: true)

    private static func optional(_ efforts: [String], reasonsByDefault: Bool) -> Rule {
        Rule(
            efforts: efforts,
            sampling: .withoutReasoning(reasonsByDefault: reasonsByDefault),
            takesVerbosity: true)
    }
}

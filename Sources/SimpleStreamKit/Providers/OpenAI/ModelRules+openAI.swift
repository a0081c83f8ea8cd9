extension ModelRules {
    /// OpenAI's models.
    package static let openAI = ModelRules(
        provider: "openai", families: openAIFamilies, talkative: ["gpt-5", "gpt-6"],
        mute: ["gpt-5-chat", "gpt-5-search"])

    /// The same and others at Vercel's gateway.
    package static let vercel = ModelRules(
        provider: "vercel", families: openAIFamilies, talkative: ["gpt-5", "gpt-6"],
        mute: ["gpt-5-chat", "gpt-5-search"])

    /// xAI's models. Those that were retired are answered by newer ones, which do not all take an effort.
    package static let xAI = ModelRules(
        provider: "xai",
        families: [
            Family("grok-2", levels: [], sampling: .any),
            Family("grok-3-mini", levels: ["low", "high"], sampling: .any),
            Family("grok-3", levels: [], sampling: .any), Family("grok-4-", levels: [], sampling: .any),
        ])

    /// Meta's models, which always reason.
    package static let meta = ModelRules(
        provider: "meta",
        families: [Family("muse", levels: ["minimal", "low", "medium", "high", "xhigh"], sampling: .any)])

    private static let openAIFamilies: [Family] = {
        let common = ["low", "medium", "high"]
        return [
            Family("gpt-4o-search", levels: [], sampling: .none),
            Family("gpt-4o-mini-search", levels: [], sampling: .none),
            Family("gpt-5-search", levels: [], sampling: .none), Family("gpt-5-chat", levels: [], sampling: .any),
            Family("gpt-3.5", levels: [], sampling: .any), Family("gpt-4", levels: [], sampling: .any),
            Family("chatgpt-4o", levels: [], sampling: .any), Family("ft:gpt-3.5", levels: [], sampling: .any),
            Family("ft:gpt-4", levels: [], sampling: .any), Family("o1-mini", levels: [], sampling: .none),
            Family("o1", levels: common, sampling: .none), Family("o3", levels: common, sampling: .none),
            Family("o4", levels: common, sampling: .none), Family("gpt-5", levels: common, sampling: .none),
            Family("gpt-6", levels: common, sampling: .none),
        ]
    }()
}

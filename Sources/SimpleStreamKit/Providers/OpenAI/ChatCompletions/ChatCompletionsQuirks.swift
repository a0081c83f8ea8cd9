/// How a server's chat completions differ from OpenAI's.
package struct ChatCompletionsQuirks: Sendable {
    /// How the web can be searched.
    package enum WebSearch: Sendable {
        case none
        /// `web_search_options`, on models whose name says that they search.
        case searchModels
        /// A `web` plugin, as at OpenRouter.
        case plugin
    }

    /// The role of standing instructions. Default system.
    package var systemRole = "system"
    /// The name of the output limit. Default `max_tokens`; OpenAI's reasoning models refuse it.
    package var maxTokensField = "max_tokens"
    /// Whether `stream_options` is understood. Default true.
    package var asksForUsage = true
    /// Whether documents may be sent as `file` parts. Default false.
    package var acceptsFiles = false
    /// Whether `prompt_cache_key` is understood. Default false.
    package var sendsCacheKey = false
    /// Whether the effort is `reasoning: {effort}` instead of `reasoning_effort`. Default false.
    package var nestsEffort = false
    /// Default none.
    package var webSearch = WebSearch.none
    /// Whether output counts leave reasoning out. Default false.
    package var usageExcludesReasoning = false
    /// Whether a last chunk with counts and without choices ends a stream that named no finish reason. Default false.
    package var mayEndWithoutReason = false
    /// Whether each piece of reasoning repeats all before it. Default false.
    package var repeatsReasoning = false
    /// Whether reasoning must be sent back as `reasoning_content` after tool calls. Default false.
    package var replaysReasoning = false
    /// What each model refuses.
    package var models = ModelRules()

    package init() {}

    /// Makes quirks by changing the defaults.
    package init(_ change: (inout ChatCompletionsQuirks) -> Void) { change(&self) }
}

/// How a server's Responses differ from OpenAI's.
package struct ResponsesQuirks: Sendable {
    /// Whether standing instructions are a message instead of `instructions`. Default false.
    package var systemIsMessage = false
    /// Whether summaries of the model's thinking must be asked for. Default true.
    package var asksForSummary = true
    /// Whether a place can be told to the web search. Default true.
    package var takesLocation = true
    /// Whether `prompt_cache_key` is understood. Default true.
    package var sendsCacheKey = true
    /// Whether text in front of tool calls must be marked as commentary. Default false.
    package var marksCommentary = false
    /// The starts of the ids of calls that the provider runs itself, though they look like ours.
    package var serverCallPrefixes: [String] = []
    /// What each model refuses.
    package var models = ModelRules()

    package init() {}

    /// Makes quirks by changing the defaults.
    package init(_ change: (inout ResponsesQuirks) -> Void) { change(&self) }
}

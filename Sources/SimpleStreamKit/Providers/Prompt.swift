/// Everything a provider needs to know to answer.
public struct Prompt: Sendable, Hashable {
    /// The provider's own model id.
    public var model: String
    /// Standing instructions, or nil.
    public var system: String?
    /// The conversation, oldest first. The last is the user's or tool results.
    public var messages: [PromptMessage]
    public var options: GenerationOptions
    /// Tools the model may call.
    public var tools: [Tool]
    /// A JSON Schema the answer must satisfy, as JSON text.
    public var responseSchema: String?
    /// Groups prompts that share a prefix, for provider-side caches. Not secret, not a user's id.
    public var cacheKey: String?

    public init(
        model: String,
        system: String? = nil,
        messages: [PromptMessage],
        options: GenerationOptions = GenerationOptions(),
        tools: [Tool] = [],
        responseSchema: String? = nil,
        cacheKey: String? = nil
    ) {
        self.model = model
        self.system = system
        self.messages = messages
        self.options = options
        self.tools = tools
        self.responseSchema = responseSchema
        self.cacheKey = cacheKey
    }
}

/// What a user asks: the fields of `ai_chat_request`.
public struct ChatRequest: Sendable, Hashable {
    /// Nil begins a conversation.
    public var conversationID: String?
    /// The user's text. May be empty when there are attachments, or with ``regenerate``.
    public var prompt: String
    /// The provider's name.
    public var provider: String
    /// The provider's model id; nil takes the provider's default.
    public var model: String?
    /// Standing instructions for this answer.
    public var systemPrompt: String?
    /// Makes asking again safe: the same id gives the same run. At most 64 characters.
    public var requestID: String?
    public var options: GenerationOptions
    /// Ids of the user's attachments, at most 32.
    public var attachmentIDs: [String]
    /// The message to go on from; nil goes on from the active branch.
    public var parentMessageID: String?
    /// Whether the prompt stands beside the conversation's first one, with nothing before it.
    public var startsAtRoot = false
    /// An answer to be given anew, as a sibling.
    public var regenerate: String?
    /// A JSON Schema the answer must satisfy, as JSON text.
    public var responseSchema: String?
    /// Tools the model may call; whoever asked runs them.
    public var tools: [Tool]

    public init(
        _ prompt: String,
        conversationID: String? = nil,
        provider: String,
        model: String? = nil,
        systemPrompt: String? = nil,
        requestID: String? = nil,
        options: GenerationOptions = GenerationOptions(),
        attachmentIDs: [String] = [],
        parentMessageID: String? = nil,
        regenerate: String? = nil,
        responseSchema: String? = nil,
        tools: [Tool] = []
    ) {
        self.prompt = prompt
        self.conversationID = conversationID
        self.provider = provider
        self.model = model
        self.systemPrompt = systemPrompt
        self.requestID = requestID
        self.options = options
        self.attachmentIDs = attachmentIDs
        self.parentMessageID = parentMessageID
        self.regenerate = regenerate
        self.responseSchema = responseSchema
        self.tools = tools
    }
}

/// One thing a provider said while answering.
@nonexhaustive
public enum ReplyEvent: Sendable, Hashable {
    /// The model that really answers, when the provider names it.
    case model(String)
    /// More of the answer. Never empty.
    case text(String)
    /// More of the model's thinking. Never empty.
    case thinking(String)
    case tool(ToolEvent)
    case citations([Citation])
    /// A picture the model made.
    case inlineData(mime: String, bytes: [UInt8])
    /// The counts so far; the last one holds.
    case usage(TokenUsage)
    /// What the provider wants back with the next turn; the last one holds.
    case state(ProviderState)
    /// A sign of life without content, such as a keep-alive comment.
    case activity
    /// Something of a kind this version does not know. It is counted, and otherwise a sign of life.
    case skipped(kind: String)
    /// The last event of every complete reply.
    case finished(FinishReason)
}

/// A step in the life of a tool call.
public struct ToolEvent: Sendable, Hashable {
    /// How far the call is.
    public enum Phase: String, Sendable, Codable {
        case started, delta, finished, failed
    }

    public var id: String
    public var name: String
    public var phase: Phase
    /// With `delta` a piece of the arguments, with `finished` all of them.
    public var input: String?
    /// What a tool run by the provider returned.
    public var output: String?
    /// Whether the provider runs the tool itself, so that nobody else must.
    public var isServerSide: Bool

    public init(
        id: String,
        name: String,
        phase: Phase,
        input: String? = nil,
        output: String? = nil,
        isServerSide: Bool = false
    ) {
        self.id = id
        self.name = name
        self.phase = phase
        self.input = input
        self.output = output
        self.isServerSide = isServerSide
    }
}

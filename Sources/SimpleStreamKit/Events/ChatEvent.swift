/// An event of a run as an embedding program sees it.
@nonexhaustive
public enum ChatEvent: Sendable, Hashable {
    /// More of the answer.
    case text(String)
    /// More of the model's thinking.
    case thinking(String)
    case tool(ToolEvent)
    case citations([Citation])
    /// A picture, as a `data:` URL.
    case inlineData(mime: String, url: String)
    /// What was said before could not be repeated piece by piece: the whole text so far, in place of all pieces.
    case snapshot(text: String, thinking: String)
    /// Older messages did not fit the model's window.
    case trimmed(droppedMessages: Int)
    /// The end: the whole answer.
    case finished(Answer)
    /// The end: why there is no whole answer. Its text so far is kept.
    case failed(ChatError)

    /// A whole answer.
    public struct Answer: Sendable, Hashable {
        public var text: String
        public var thinking: String?
        public var stopReason: FinishReason
        public var usage: TokenUsage?
        /// Millionths of a US dollar; nil when the price is unknown.
        public var costMicroUSD: Int?
    }

    /// Whether nothing follows.
    public var isLast: Bool {
        switch self {
        case .finished, .failed: true
        default: false
        }
    }
}

extension ChatError: Hashable {
    public static func == (left: ChatError, right: ChatError) -> Bool {
        left.code == right.code && left.message == right.message && left.isRetryable == right.isRetryable
            && left.retryAfter == right.retryAfter
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(message)
    }
}

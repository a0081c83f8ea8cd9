/// Why an answer ended, in the words of the wire protocol.
public struct FinishReason: RawRepresentable, Hashable, Sendable, Codable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// The model was done.
    public static let stop = FinishReason(rawValue: "stop")
    /// The output limit or the context window was reached.
    public static let length = FinishReason(rawValue: "length")
    /// The model waits for tool results.
    public static let toolCalls = FinishReason(rawValue: "tool_calls")
    /// The provider withheld the rest.
    public static let contentFilter = FinishReason(rawValue: "content_filter")
    /// The model declined.
    public static let refusal = FinishReason(rawValue: "refusal")
    /// The provider paused a long turn; sending it again goes on.
    public static let paused = FinishReason(rawValue: "paused")
    /// The user stopped it.
    public static let cancelled = FinishReason(rawValue: "cancelled")
    /// A reason this version does not know.
    public static let other = FinishReason(rawValue: "other")
}

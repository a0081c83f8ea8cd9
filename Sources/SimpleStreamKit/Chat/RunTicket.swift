#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The receipt for a request: from here on the prompt is stored and the answer is on its way.
public struct RunTicket: Sendable, Hashable {
    public var conversationID: String
    /// The prompt that is answered.
    public var userMessageID: String
    /// The answer.
    public var messageID: String
    public var provider: String
    public var model: String
    public var title: String
    public var requestID: String?
    public var createdAt: Date
    /// Whether the same request had been taken before.
    public var isRepeated: Bool
}

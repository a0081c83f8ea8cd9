#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// One prompt or one answer. Messages form a tree by ``parentID``.
public struct Message: Sendable, Hashable, Identifiable {
    /// Who speaks.
    public enum Role: String, Sendable, Codable {
        case user, assistant, system
    }

    /// How far an answer has come. Prompts are always `complete`.
    public enum Status: String, Sendable, Codable {
        case streaming, complete, cancelled, interrupted, failed
    }

    /// A failure as it is stored and shown with the message.
    public struct Failure: Sendable, Hashable, Codable {
        public var code: ChatError.Code
        public var message: String
        public var retryable: Bool

        public init(code: ChatError.Code, message: String, retryable: Bool) {
            self.code = code
            self.message = message
            self.retryable = retryable
        }

        public init(_ error: ChatError) {
            self.init(code: error.code, message: error.message, retryable: error.isRetryable)
        }
    }

    /// A UUIDv7.
    public let id: String
    public let conversationID: String
    public let parentID: String?
    public let role: Role
    public var content: String
    public var thinkingText: String?
    /// Milliseconds between the first and the last piece of thinking.
    public var thinkingDuration: Int?
    public var provider: String?
    public var model: String?
    public var status: Status
    public var stopReason: FinishReason?
    public var failure: Failure?
    public var usage: TokenUsage?
    /// Millionths of a US dollar; nil when the price is unknown.
    public var costMicroUSD: Int?
    public var isLiked = false
    public var isDisliked = false
    /// Ids of attachments, in the order they were given.
    public var attachmentIDs: [String] = []
    public var citations: [Citation] = []
    public var toolCalls: [ToolCall] = []
    /// What the same provider wants back unchanged with the next turn.
    public var providerState: ProviderState?
    /// The last sequence number whose effect ``content`` and ``thinkingText`` hold.
    public var materializedSeq: Int = 0
    public let createdAt: Date

    public init(
        id: String,
        conversationID: String,
        parentID: String?,
        role: Role,
        content: String,
        provider: String? = nil,
        model: String? = nil,
        status: Status = .complete,
        createdAt: Date
    ) {
        self.id = id
        self.conversationID = conversationID
        self.parentID = parentID
        self.role = role
        self.content = content
        self.provider = provider
        self.model = model
        self.status = status
        self.createdAt = createdAt
    }
}

extension Message {
    /// About how many bytes it takes, its attachments aside.
    package var size: Int {
        let texts = [content, thinkingText ?? "", providerState?.json ?? ""].reduce(0) { $0 + $1.utf8.count }
        return citations.reduce(toolCalls.reduce(texts) { $0 + $1.size }) { $0 + $1.size }
    }
}

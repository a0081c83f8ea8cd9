#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What was used and what it cost.
public protocol UsageStore: Sendable {
    /// Counts a call that is not a run's answer, such as a title's.
    func recordUsage(_ record: UsageRecord) async throws(ChatError)

    /// Sums from `start` up to, not including, `end`, by provider and model.
    func usage(of userID: String, from start: Date, to end: Date) async throws(ChatError) -> [UsageSummary]
}

/// One provider call.
public struct UsageRecord: Sendable, Hashable {
    /// What the call was for.
    public enum Purpose: String, Sendable, Codable {
        case answer, title
    }

    public var userID: String
    public var messageID: String
    public var purpose: Purpose
    public var provider: String
    public var model: String
    /// Whether the operator's key paid.
    public var onOperatorKey: Bool
    public var usage: TokenUsage
    /// Millionths of a US dollar; nil when the price is unknown.
    public var costMicroUSD: Int?
    public var createdAt: Date

    public init(
        userID: String,
        messageID: String,
        purpose: Purpose,
        provider: String,
        model: String,
        onOperatorKey: Bool,
        usage: TokenUsage,
        costMicroUSD: Int?,
        createdAt: Date
    ) {
        self.userID = userID
        self.messageID = messageID
        self.purpose = purpose
        self.provider = provider
        self.model = model
        self.onOperatorKey = onOperatorKey
        self.usage = usage
        self.costMicroUSD = costMicroUSD
        self.createdAt = createdAt
    }
}

/// The sum of many calls to one model.
public struct UsageSummary: Sendable, Hashable {
    public var provider: String
    public var model: String
    /// Answers; titles are not counted here.
    public var messages: Int
    public var inputTokens: Int
    public var outputTokens: Int
    /// The sum of the known costs.
    public var costMicroUSD: Int
    /// Calls whose price is unknown.
    public var unpricedCalls: Int

    public init(
        provider: String, model: String, messages: Int, inputTokens: Int, outputTokens: Int, costMicroUSD: Int,
        unpricedCalls: Int
    ) {
        self.provider = provider
        self.model = model
        self.messages = messages
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.costMicroUSD = costMicroUSD
        self.unpricedCalls = unpricedCalls
    }
}

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// So much of something in a calendar day or month of UTC.
public struct Quota: Sendable, Hashable {
    /// What is counted.
    public enum Unit: String, Sendable, Hashable, Codable, CaseIterable {
        /// Answers.
        case messages
        /// Tokens read and written.
        case tokens
        /// Millionths of a US dollar.
        case microUSD = "micro_usd"
    }

    /// Who spends it together: `user:` or `address:` with an id, `guests` or `everyone`.
    public var scope: String
    public var unit: Unit
    public var period: QuotaPeriod
    /// How much one period allows.
    public var limit: Int

    public init(scope: String, unit: Unit, period: QuotaPeriod, limit: Int) {
        self.scope = scope
        self.unit = unit
        self.period = period
        self.limit = max(0, limit)
    }

    /// What is counted under: the same for every limit.
    public var key: String { "\(scope)|\(unit.rawValue)|\(period.rawValue)" }
}

/// What is to be taken from a quota.
public struct QuotaCharge: Sendable, Hashable {
    public var quota: Quota
    /// Zero or more, in the quota's unit.
    public var amount: Int

    public init(_ quota: Quota, amount: Int) {
        self.quota = quota
        self.amount = max(0, amount)
    }
}

/// How much of a quota is taken, reserved amounts included.
public struct QuotaUse: Sendable, Hashable {
    public var quota: Quota
    public var used: Int
    /// When the next period begins.
    public var resetsAt: Date

    public init(quota: Quota, used: Int, resetsAt: Date) {
        self.quota = quota
        self.used = used
        self.resetsAt = resetsAt
    }

    /// What is left; never below zero.
    public var remaining: Int { max(0, quota.limit - used) }
}

/// What a run came to, for settling what it had reserved.
public struct QuotaSpending: Sendable, Hashable {
    /// Nil counts what was reserved, in each unit.
    public var messages: Int?
    public var tokens: Int?
    public var microUSD: Int?

    public init(messages: Int? = nil, tokens: Int? = nil, microUSD: Int? = nil) {
        self.messages = messages
        self.tokens = tokens
        self.microUSD = microUSD
    }

    /// Nothing at all: everything that was reserved is given back.
    public static let nothing = QuotaSpending(messages: 0, tokens: 0, microUSD: 0)

    /// The amount in one unit; nil when it is what was reserved.
    public func amount(in unit: Quota.Unit) -> Int? {
        switch unit {
        case .messages: messages.map { max(0, $0) }
        case .tokens: tokens.map { max(0, $0) }
        case .microUSD: microUSD.map { max(0, $0) }
        }
    }
}

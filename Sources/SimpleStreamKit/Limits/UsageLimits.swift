/// What users may spend on the operator's keys. Nil is no limit. With a key of their own users spend their own.
public struct UsageLimits: Sendable, Hashable {
    /// Tokens and money in a day and a month of UTC.
    public struct Budget: Sendable, Hashable {
        public var tokensPerDay: Int?
        public var tokensPerMonth: Int?
        /// Millionths of a US dollar.
        public var microUSDPerDay: Int?
        /// Millionths of a US dollar.
        public var microUSDPerMonth: Int?

        public init(
            tokensPerDay: Int? = nil, tokensPerMonth: Int? = nil, microUSDPerDay: Int? = nil,
            microUSDPerMonth: Int? = nil
        ) {
            self.tokensPerDay = tokensPerDay
            self.tokensPerMonth = tokensPerMonth
            self.microUSDPerDay = microUSDPerDay
            self.microUSDPerMonth = microUSDPerMonth
        }

        func quotas(of scope: String) -> [Quota] {
            let limits: [(Quota.Unit, QuotaPeriod, Int?)] = [
                (.tokens, .day, tokensPerDay), (.tokens, .month, tokensPerMonth), (.microUSD, .day, microUSDPerDay),
                (.microUSD, .month, microUSDPerMonth),
            ]
            return limits.compactMap { unit, period, limit in
                limit.map { Quota(scope: scope, unit: unit, period: period, limit: $0) }
            }
        }
    }

    /// Answers a day for each user.
    public var messagesPerDay: Int?
    /// Answers a day for each guest, and for all guests of one address together. Nil is as for users.
    public var guestMessagesPerDay: Int?
    /// Answers a day for all guests together.
    public var allGuestsMessagesPerDay: Int?
    /// Answers a day for everybody together.
    public var everyonesMessagesPerDay: Int?
    /// What each user may spend; for guests also what all of one address may.
    public var budget: Budget
    /// What everybody may spend together.
    public var everyonesBudget: Budget

    public init(
        messagesPerDay: Int? = nil, guestMessagesPerDay: Int? = nil, allGuestsMessagesPerDay: Int? = nil,
        everyonesMessagesPerDay: Int? = nil, budget: Budget = Budget(), everyonesBudget: Budget = Budget()
    ) {
        self.messagesPerDay = messagesPerDay
        self.guestMessagesPerDay = guestMessagesPerDay
        self.allGuestsMessagesPerDay = allGuestsMessagesPerDay
        self.everyonesMessagesPerDay = everyonesMessagesPerDay
        self.budget = budget
        self.everyonesBudget = everyonesBudget
    }

    /// No limit at all.
    public static let unlimited = UsageLimits()

    /// Answers a day for one user; nil is no limit.
    package func messagesPerDay(isGuest: Bool) -> Int? {
        isGuest ? guestMessagesPerDay ?? messagesPerDay : messagesPerDay
    }

    /// The quotas that hold for a user, the narrowest first.
    func quotas(of userID: String, from source: RequestSource) -> [Quota] {
        var scopes = ["user:\(userID)"]
        // A guest who clears cookies is a new user, and one who changes address is not: guests count as both.
        if source.isGuest, let address = source.address { scopes.append("address:\(address)") }
        var messages = scopes.map { ($0, messagesPerDay(isGuest: source.isGuest)) }
        if source.isGuest { messages.append(("guests", allGuestsMessagesPerDay)) }
        messages.append(("everyone", everyonesMessagesPerDay))
        return messages.compactMap { scope, limit in
            limit.map { Quota(scope: scope, unit: .messages, period: .day, limit: $0) }
        } + scopes.flatMap { budget.quotas(of: $0) } + everyonesBudget.quotas(of: "everyone")
    }
}

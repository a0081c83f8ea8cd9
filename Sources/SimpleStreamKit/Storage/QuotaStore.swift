/// What is left of quotas, durably.
///
/// A run reserves what it may come to in the transaction that begins it (``RunStart/charges``) and settles what it came
/// to in the one that ends it (``RunFinish/spending``), whoever ends it. Amounts are sums by ``Quota/key`` and period;
/// periods go by the store's clock. What a run reserved in one period is settled in that one.
public protocol QuotaStore: Sendable {
    /// How much of each quota is taken now, in their order.
    func quotaUse(_ quotas: [Quota]) async throws(ChatError) -> [QuotaUse]

    /// Changes what a run has reserved, all or nothing; quotas that are not named stay as they are.
    ///
    /// Less than before always fits.
    ///
    /// - Returns: the first quota that has not enough left, as it is; nil when all is reserved.
    func reserve(_ charges: [QuotaCharge], for messageID: String) async throws(ChatError) -> QuotaUse?

    /// Counts what a run came to in place of what it had reserved. Without a reservation nothing happens.
    ///
    /// For a run whose row is gone; ``RunStore/finishRun(_:)`` settles by itself.
    func settle(_ messageID: String, _ spending: QuotaSpending) async throws(ChatError)

    /// Counts what was spent already, however little is left.
    func spend(_ charges: [QuotaCharge]) async throws(ChatError)
}

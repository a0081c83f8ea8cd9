import Logging
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ChatService {
    /// What is left for a user on the operator's keys, in the order of the limits.
    ///
    /// Of a guest's own quota and that of their address it is the one that has less left.
    public func quotas(of userID: String, from source: RequestSource = RequestSource()) async throws(ChatError)
        -> [QuotaUse]
    {
        let quotas = configuration.usage.quotas(of: userID, from: source).filter { !$0.isEveryones }
        guard !quotas.isEmpty else { return [] }
        var uses: [QuotaUse] = []
        for use in try await store.quotaUse(quotas) {
            let same = uses.firstIndex { $0.quota.unit == use.quota.unit && $0.quota.period == use.quota.period }
            if let same {
                if use.remaining < uses[same].remaining { uses[same] = use }
            } else {
                uses.append(use)
            }
        }
        return uses
    }

    /// What an answer is to have reserved before anybody is asked.
    ///
    /// The history is not known yet: ``reserveWhole(_:for:)`` adds it.
    func charges(
        for request: ChatRequest, model: String, of userID: String, from source: RequestSource
    ) throws(ChatError) -> [QuotaCharge] {
        let quotas = configuration.usage.quotas(of: userID, from: source)
        guard quotas.contains(where: { $0.unit != .messages }) else { return quotas.map { QuotaCharge($0, amount: 1) } }
        let prompt = Prompt(
            model: model, system: request.systemPrompt, messages: [.user(request.prompt)], options: request.options)
        return try charges(quotas, for: prompt, provider: request.provider)
    }

    private func charges(
        _ quotas: [Quota], for prompt: Prompt, provider: String
    ) throws(ChatError) -> [QuotaCharge] {
        let model = catalog.model(prompt.model, of: provider)
        let answer = prompt.options.maxTokens ?? min(model.maxOutput ?? 4_096, 16_384)
        let usage = TokenUsage(inputTokens: TokenEstimate.tokens(in: prompt), outputTokens: answer)
        var charges: [QuotaCharge] = []
        for quota in quotas {
            switch quota.unit {
            case .messages: charges.append(QuotaCharge(quota, amount: 1))
            case .tokens: charges.append(QuotaCharge(quota, amount: usage.inputTokens + usage.outputTokens))
            case .microUSD:
                guard let cost = cost(of: usage, model: model) else {
                    throw ChatError(
                        .quotaExceeded,
                        "There is a budget here, and what \(model.displayName) costs is not known. Choose another model, or use your own key."
                    )
                }
                charges.append(QuotaCharge(quota, amount: cost))
            }
        }
        return charges
    }

    /// Millionths of a US dollar; zero where the operator's credential has no key that anybody would bill.
    private func cost(of usage: TokenUsage, model: Model) -> Int? {
        if let cost = model.cost(of: usage) { return cost }
        guard let credential = operatorCredentials[model.provider] else { return nil }
        return credential.key == nil ? 0 : nil
    }

    /// Reserves all that a prompt may cost, now that it is whole.
    ///
    /// - Throws: `quota_exceeded`.
    func reserveWhole(_ prompt: Prompt, for run: ActiveRun) async throws(ChatError) {
        let budgets = run.charges.map(\.quota).filter { $0.unit != .messages }
        guard !budgets.isEmpty else { return }
        let charges = try charges(budgets, for: prompt, provider: run.identity.provider)
        if let use = try await store.reserve(charges, for: run.identity.messageID) { throw Self.refusal(use) }
    }

    /// Counts a call that is no answer, such as a title's.
    func spend(_ usage: TokenUsage, model: String, for run: ActiveRun) async throws(ChatError) {
        let model = catalog.model(model, of: run.identity.provider)
        let charges = run.charges.compactMap { charge -> QuotaCharge? in
            switch charge.quota.unit {
            case .messages: nil
            case .tokens: QuotaCharge(charge.quota, amount: usage.inputTokens + usage.outputTokens)
            case .microUSD: QuotaCharge(charge.quota, amount: cost(of: usage, model: model) ?? 0)
            }
        }
        if !charges.isEmpty { try await store.spend(charges) }
    }

    /// What a run that ended here came to.
    ///
    /// A run of which nothing was heard costs nothing, unless its end was not the provider's doing: who asks and hangs up
    /// has asked.
    func spending(of run: ActiveRun, usage: TokenUsage?, cost: Int?) -> QuotaSpending {
        if let usage {
            return QuotaSpending(messages: 1, tokens: usage.inputTokens + usage.outputTokens, microUSD: cost)
        }
        let (prompt, stop) = run.live.withLock { ($0.prompt, $0.stop) }
        guard let prompt, stop == .user || stop == .deleted else { return .nothing }
        return spending(usage: TokenUsage(inputTokens: TokenEstimate.tokens(in: prompt), outputTokens: 0), of: run)
    }

    private func spending(usage: TokenUsage, of run: ActiveRun) -> QuotaSpending {
        let model = catalog.model(run.identity.model, of: run.identity.provider)
        return QuotaSpending(
            messages: 1, tokens: usage.inputTokens + usage.outputTokens, microUSD: cost(of: usage, model: model))
    }

    /// What a run came to whose node is gone: estimated from what it was asked and what it said.
    func spending(ofLost run: Run, answer: Message) async -> QuotaSpending {
        let thinking = answer.thinkingText ?? ""
        guard !answer.content.isEmpty || !thinking.isEmpty, let question = answer.parentID,
            let provider = answer.provider
        else { return .nothing }
        // Without its branch it came to what it had reserved.
        guard
            let branch = try? await store.branch(
                endingAt: question, in: answer.conversationID, of: run.userID,
                limit: configuration.sizes.historyMessages)
        else { return QuotaSpending() }
        let model = catalog.model(answer.model ?? "", of: provider)
        let (prompt, _) = History.prompt(from: branch, model: model.id, provider: provider, system: nil)
        let usage = TokenEstimate.usage(prompt: prompt, answer: answer.content, thinking: thinking)
        return QuotaSpending(
            messages: 1, tokens: usage.inputTokens + usage.outputTokens, microUSD: cost(of: usage, model: model))
    }

    /// A quota that is used up, in words for the user.
    static func refusal(_ use: QuotaUse) -> ChatError {
        let quota = use.quota
        let period = quota.period == .day ? "today" : "this month"
        let who = quota.isEveryones ? "All" : "Your"
        let what =
            switch quota.unit {
            case .messages: "\(quota.limit) free messages for \(period) are used up"
            case .tokens: "budget of \(quota.limit) tokens for \(period) does not allow this"
            case .microUSD: "budget for \(period) does not allow this"
            }
        let subject = quota.isEveryones && quota.unit != .messages ? "The" : who
        return ChatError(
            .quotaExceeded, "\(subject) \(what). Use a key of your own, or come back later.",
            retryAfter: .milliseconds(max(1, Int(clamping: Int64(use.resetsAt.timeIntervalSinceNow * 1000)))))
    }
}

extension Quota {
    /// Whether others spend it, too: what is left of it says nothing about one user.
    var isEveryones: Bool { scope == "everyone" || scope == "guests" }
}

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What was taken from quotas, and what of it is only reserved.
struct QuotaLedger: Sendable {
    private struct Account: Hashable, Sendable {
        let key: String
        let start: Date
    }

    private struct Reservation: Sendable {
        let account: Account
        let unit: Quota.Unit
        var amount: Int
    }

    private var used: [Account: (amount: Int, end: Date)] = [:]
    private var reservations: [String: [Reservation]] = [:]

    func use(of quota: Quota, at now: Date) -> QuotaUse {
        let span = quota.period.span(at: now)
        let account = Account(key: quota.key, start: span.lowerBound)
        return QuotaUse(quota: quota, used: used[account]?.amount ?? 0, resetsAt: span.upperBound)
    }

    /// All or nothing.
    ///
    /// - Returns: the first quota that has not enough left.
    mutating func reserve(_ charges: [QuotaCharge], for messageID: String, at now: Date) -> QuotaUse? {
        var ledger = self
        for charge in charges {
            if let refusal = ledger.reserve(charge, for: messageID, at: now) { return refusal }
        }
        self = ledger
        return nil
    }

    private mutating func reserve(_ charge: QuotaCharge, for messageID: String, at now: Date) -> QuotaUse? {
        let index = reservations[messageID]?.firstIndex { $0.account.key == charge.quota.key }
        let known = index.flatMap { reservations[messageID]?[$0] }
        let span = charge.quota.period.span(at: known?.account.start ?? now)
        let account = Account(key: charge.quota.key, start: span.lowerBound)
        let more = charge.amount - (known?.amount ?? 0)
        let taken = used[account]?.amount ?? 0
        guard more <= 0 || more <= charge.quota.limit - taken else {
            return QuotaUse(quota: charge.quota, used: taken, resetsAt: span.upperBound)
        }
        if used[account] == nil { used = used.filter { $0.value.end > now } }
        used[account] = (max(0, taken + more), span.upperBound)
        if let index {
            reservations[messageID]?[index].amount = charge.amount
        } else {
            reservations[messageID, default: []].append(
                Reservation(account: account, unit: charge.quota.unit, amount: charge.amount))
        }
        return nil
    }

    mutating func settle(_ messageID: String, _ spending: QuotaSpending) {
        for reservation in reservations.removeValue(forKey: messageID) ?? [] {
            guard let taken = used[reservation.account],
                let amount = spending.amount(in: reservation.unit)
            else { continue }
            used[reservation.account]?.amount = max(0, taken.amount.adding(amount - reservation.amount))
        }
    }

    /// What was taken in one scope counts in another from now on; nil forgets it, as is what counts no more.
    mutating func move(_ scope: String, to other: String?, at now: Date) {
        for (account, sum) in used where account.key.hasPrefix("\(scope)|") {
            used[account] = nil
            guard let other, sum.end > now else { continue }
            let moved = Account(key: other + account.key.dropFirst(scope.count), start: account.start)
            used[moved] = ((used[moved]?.amount ?? 0).adding(sum.amount), sum.end)
        }
    }

    /// Forgets what is over of scopes that begin like this.
    mutating func forgetOld(_ prefix: String, at now: Date) {
        used = used.filter { $0.value.end > now || !$0.key.key.hasPrefix(prefix) }
    }

    mutating func spend(_ charges: [QuotaCharge], at now: Date) {
        for charge in charges {
            let span = charge.quota.period.span(at: now)
            let account = Account(key: charge.quota.key, start: span.lowerBound)
            used[account] = ((used[account]?.amount ?? 0).adding(charge.amount), span.upperBound)
        }
    }
}

extension Int {
    /// The sum, or the largest number when it does not fit.
    fileprivate func adding(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : 0) : sum
    }
}

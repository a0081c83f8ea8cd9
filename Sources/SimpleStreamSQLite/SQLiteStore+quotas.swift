import GRDB
public import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteStore {
    public func quotaUse(_ quotas: [Quota]) async throws(ChatError) -> [QuotaUse] {
        let now = self.now
        return try await read { db in
            try quotas.map { quota in
                let span = quota.period.storedSpan(at: now)
                let used = try db.quotaUsed(quota.key, in: span) ?? 0
                return QuotaUse(quota: quota, used: used, resetsAt: Date(storedMilliseconds: span.upperBound))
            }
        }
    }

    public func reserve(_ charges: [QuotaCharge], for messageID: String) async throws(ChatError) -> QuotaUse? {
        let now = self.now
        return try await write { db in
            if let refusal = try db.quotaRefusal(of: charges, for: messageID, at: now) { return refusal }
            try db.reserve(charges, for: messageID, at: now)
            return nil
        }
    }

    public func settle(_ messageID: String, _ spending: QuotaSpending) async throws(ChatError) {
        try await write { db in try db.settleQuotas(of: messageID, spending) }
    }

    public func spend(_ charges: [QuotaCharge]) async throws(ChatError) {
        let now = self.now
        try await write { db in
            for charge in charges {
                try db.addToQuota(
                    charge.amount, of: charge.quota.key, in: charge.quota.period.storedSpan(at: now), at: now)
            }
        }
    }
}

// Sums stay far below what a column holds: amounts are bounded when they are added.
extension Database {
    /// The largest sum that is kept.
    private static var mostUsed: Int { 1 << 60 }

    /// The first quota that has not enough left for what a run wants to have reserved.
    func quotaRefusal(of charges: [QuotaCharge], for messageID: String, at now: Int64) throws -> QuotaUse? {
        for charge in charges {
            let (span, reserved) = try reservation(of: charge.quota, for: messageID, at: now)
            let used = try quotaUsed(charge.quota.key, in: span) ?? 0
            let more = min(charge.amount, Self.mostUsed) - (reserved ?? 0)
            guard more <= 0 || more <= charge.quota.limit - used else {
                return QuotaUse(quota: charge.quota, used: used, resetsAt: Date(storedMilliseconds: span.upperBound))
            }
        }
        return nil
    }

    /// Reserves what was found to fit.
    func reserve(_ charges: [QuotaCharge], for messageID: String, at now: Int64) throws {
        for charge in charges {
            let (span, reserved) = try reservation(of: charge.quota, for: messageID, at: now)
            let amount = min(charge.amount, Self.mostUsed)
            try addToQuota(amount - (reserved ?? 0), of: charge.quota.key, in: span, at: now)
            let sql = """
                INSERT INTO quota_reservations (message_id, key, starts_at, unit, amount) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (message_id, key) DO UPDATE SET amount = excluded.amount
                """
            try cachedStatement(sql: sql).execute(arguments: [
                messageID, charge.quota.key, span.lowerBound, charge.quota.unit.rawValue, amount,
            ])
        }
    }

    /// Counts what a run came to in place of what it had reserved.
    func settleQuotas(of messageID: String, _ spending: QuotaSpending) throws {
        let find = "SELECT key, starts_at, unit, amount FROM quota_reservations WHERE message_id = ?"
        let rows = try Row.fetchAll(cachedStatement(sql: find), arguments: [messageID])
        guard !rows.isEmpty else { return }
        for row in rows {
            var columns = Columns(row)
            let key: String = try columns.next()
            let start: Int64 = try columns.next()
            let unit = try columns.value(Quota.Unit.self)
            let reserved: Int = try columns.next()
            guard let amount = spending.amount(in: unit) else { continue }
            let sql = "UPDATE quota_use SET used = max(0, min(?, used + ?)) WHERE key = ? AND starts_at = ?"
            let change = min(amount, Self.mostUsed) - reserved
            try cachedStatement(sql: sql).execute(arguments: [Self.mostUsed, change, key, start])
        }
        try execute(sql: "DELETE FROM quota_reservations WHERE message_id = ?", arguments: [messageID])
    }

    /// Adds to a period's sum; with the first of a period, those that are over are forgotten.
    func addToQuota(_ amount: Int, of key: String, in span: Range<Int64>, at now: Int64) throws {
        let amount = max(-Self.mostUsed, min(amount, Self.mostUsed))
        let sql = "UPDATE quota_use SET used = max(0, min(?, used + ?)) WHERE key = ? AND starts_at = ?"
        try cachedStatement(sql: sql).execute(arguments: [Self.mostUsed, amount, key, span.lowerBound])
        guard changesCount == 0 else { return }
        try execute(sql: "DELETE FROM quota_use WHERE ends_at <= ?", arguments: [now])
        try execute(
            sql: "INSERT INTO quota_use (key, starts_at, ends_at, used) VALUES (?, ?, ?, ?)",
            arguments: [key, span.lowerBound, span.upperBound, max(0, amount)])
    }

    /// What was taken in one scope and still counts does so in another from now on; nil forgets it.
    func moveQuotas(of scope: String, to other: String?, at now: Int64) throws {
        // A scope's keys are `<scope>|…`, and `}` comes after `|`.
        let keys = "key >= :from || '|' AND key < :from || '}'"
        if let other {
            try execute(
                sql: """
                    INSERT INTO quota_use (key, starts_at, ends_at, used)
                    SELECT :to || substr(key, length(:from) + 1), starts_at, ends_at, used FROM quota_use
                    WHERE \(keys) AND ends_at > :now
                    ON CONFLICT (key, starts_at) DO UPDATE SET used = used + excluded.used
                    """, arguments: ["from": scope, "to": other, "now": now])
        }
        try execute(sql: "DELETE FROM quota_use WHERE \(keys)", arguments: ["from": scope])
    }

    func quotaUsed(_ key: String, in span: Range<Int64>) throws -> Int? {
        let sql = "SELECT used FROM quota_use WHERE key = ? AND starts_at = ?"
        return try Int.fetchOne(cachedStatement(sql: sql), arguments: [key, span.lowerBound])
    }

    /// What a run has reserved of a quota, and in which period; the present period when it has nothing.
    private func reservation(
        of quota: Quota, for messageID: String, at now: Int64
    ) throws -> (span: Range<Int64>, amount: Int?) {
        let sql = "SELECT starts_at, amount FROM quota_reservations WHERE message_id = ? AND key = ?"
        guard let row = try Row.fetchOne(cachedStatement(sql: sql), arguments: [messageID, quota.key]) else {
            return (quota.period.storedSpan(at: now), nil)
        }
        var columns = Columns(row)
        let start: Int64 = try columns.next()
        return (quota.period.storedSpan(at: start), try columns.next())
    }
}

extension QuotaPeriod {
    /// The period that holds a stored time, as stored times.
    func storedSpan(at time: Int64) -> Range<Int64> {
        let span = span(at: Date(storedMilliseconds: time))
        return span.lowerBound.storedMilliseconds..<span.upperBound.storedMilliseconds
    }
}

public import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension PostgresStore {
    public func quotaUse(_ quotas: [Quota]) async throws(ChatError) -> [QuotaUse] {
        guard !quotas.isEmpty else { return [] }
        let sql = """
            SELECT coalesce(q.used, 0), s.ends
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked(key, period, n)
            CROSS JOIN LATERAL ss_span(asked.period, ss_now($3)) AS s
            LEFT JOIN quota_use AS q ON q.key = asked.key AND q.starts_at = s.starts
            ORDER BY n
            """
        let parameters: [Parameter] = [.texts(quotas.map(\.key)), .texts(quotas.map(\.period.rawValue)), now]
        return try await database.read { connection in
            let found = try connection.one(sql, parameters).map { (used: try $0.int(), resetsAt: try $0.date()) }
            guard found.count == quotas.count else { throw UnknownValue() }
            return zip(quotas, found).map { QuotaUse(quota: $0, used: $1.used, resetsAt: $1.resetsAt) }
        }
    }

    public func reserve(_ charges: [QuotaCharge], for messageID: String) async throws(ChatError) -> QuotaUse? {
        guard !charges.isEmpty else { return nil }
        let parameters: [Parameter] = [.text(messageID)] + charges.parameters + [now]
        return try await database.write { connection, _ in
            let result = try connection.one(
                "SELECT refused, taken, resets FROM ss_reserve($1, $2, $3, $4)", parameters)
            return try result.first { try charges.refusal(&$0) } ?? nil
        }
    }

    public func settle(_ messageID: String, _ spending: QuotaSpending) async throws(ChatError) {
        try await database.write { connection, _ in
            _ = try connection.one("SELECT ss_settle($1, $2, $3, $4)", [.text(messageID)] + spending.parameters)
        }
    }

    public func spend(_ charges: [QuotaCharge]) async throws(ChatError) {
        guard !charges.isEmpty else { return }
        let parameters: [Parameter] = [.text(UUIDv7.make())] + charges.parameters + [now]
        try await database.write { connection, _ in
            _ = try connection.one("SELECT ss_spend($2, $3, $4) WHERE ss_first_time($1)", parameters)
        }
    }
}

extension [QuotaCharge] {
    /// Key, period and unit of each, then amount and limit of each.
    var parameters: [Parameter] {
        [
            .texts(flatMap { [$0.quota.key, $0.quota.period.rawValue, $0.quota.unit.rawValue] }),
            .ints(flatMap { [Int64($0.amount), Int64($0.quota.limit)] }),
        ]
    }

    /// Which quota has not enough left, of a number from 1, its sum and the end of its period; nil when all fit.
    func refusal(_ columns: inout Columns) throws -> QuotaUse? {
        guard let number = try columns.optionalInt() else { return nil }
        guard indices.contains(number - 1) else { throw UnknownValue() }
        return QuotaUse(quota: self[number - 1].quota, used: try columns.int(), resetsAt: try columns.date())
    }
}

extension QuotaSpending {
    /// The amounts by unit, null for what was reserved.
    var parameters: [Parameter] {
        [Quota.Unit.messages, .tokens, .microUSD].map { Parameter(amount(in: $0)) }
    }
}

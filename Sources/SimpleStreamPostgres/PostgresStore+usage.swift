public import SimpleStreamKit

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension PostgresStore {
    public func recordUsage(_ record: UsageRecord) async throws(ChatError) {
        let parameters: [Parameter] = [.text(UUIDv7.make()), .texts(record.values())]
        try await database.write { connection, _ in
            _ = try connection.one("SELECT ss_add_usage($2) WHERE ss_first_time($1)", parameters)
        }
    }

    public func usage(
        of userID: String, from start: Date, to end: Date
    ) async throws(ChatError) -> [UsageSummary] {
        let span = (start.storedMilliseconds, end.storedMilliseconds)
        let sql = """
            SELECT provider, model, count(*) FILTER (WHERE purpose = 'answer'), sum(input_tokens)::bigint,
                sum(output_tokens)::bigint, coalesce(sum(cost_micro_usd), 0)::bigint,
                count(*) FILTER (WHERE cost_micro_usd IS NULL)
            FROM usage WHERE user_id = $1 AND created_at >= $2 AND created_at < $3
            GROUP BY provider, model ORDER BY provider, model
            """
        return try await database.read { connection in
            try connection.one(sql, [.text(userID), .int(span.0), .int(span.1)]).map { columns in
                UsageSummary(
                    provider: try columns.text(),
                    model: try columns.text(),
                    messages: try columns.int(),
                    inputTokens: try columns.int(),
                    outputTokens: try columns.int(),
                    costMicroUSD: try columns.int(),
                    unpricedCalls: try columns.int()
                )
            }
        }
    }
}

extension UsageRecord {
    /// As texts, in the order `ss_add_usage` takes them.
    func values() -> [String?] {
        let record = stored
        let usage = record.usage
        return [
            record.userID, record.messageID, record.purpose.rawValue, record.provider, record.model,
            "\(record.onOperatorKey)", "\(usage.inputTokens)", "\(usage.cachedInputTokens)",
            "\(usage.cacheWriteTokens)", "\(usage.outputTokens)", "\(usage.reasoningTokens)", "\(usage.estimated)",
            record.costMicroUSD.map(String.init), "\(record.createdAt.storedMilliseconds)",
        ]
    }
}

import GRDB
public import SimpleStreamKit

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension SQLiteStore {
    public func recordUsage(_ record: UsageRecord) async throws(ChatError) {
        try await write { db in try db.insert(record) }
    }

    public func usage(
        of userID: String, from start: Date, to end: Date
    ) async throws(ChatError) -> [UsageSummary] {
        let span = (start.storedMilliseconds, end.storedMilliseconds)
        let sql = """
            SELECT provider, model, sum(purpose = 'answer'), sum(input_tokens), sum(output_tokens),
                coalesce(sum(cost_micro_usd), 0), sum(cost_micro_usd IS NULL)
            FROM usage WHERE user_id = ? AND created_at >= ? AND created_at < ?
            GROUP BY provider, model ORDER BY provider, model
            """
        return try await read { db in
            try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [userID, span.0, span.1]).map { row in
                var columns = Columns(row)
                return UsageSummary(
                    provider: try columns.next(),
                    model: try columns.next(),
                    messages: try columns.next(),
                    inputTokens: try columns.next(),
                    outputTokens: try columns.next(),
                    costMicroUSD: try columns.next(),
                    unpricedCalls: try columns.next()
                )
            }
        }
    }
}

extension Database {
    func insert(_ record: UsageRecord) throws {
        let sql = """
            INSERT INTO usage (
                user_id, message_id, purpose, provider, model, on_operator_key, input_tokens, cached_input_tokens,
                cache_write_tokens, output_tokens, reasoning_tokens, estimated, cost_micro_usd, created_at
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        let record = record.stored
        let usage = record.usage
        try cachedStatement(sql: sql).execute(arguments: [
            record.userID, record.messageID, record.purpose.rawValue, record.provider, record.model,
            record.onOperatorKey, usage.inputTokens, usage.cachedInputTokens, usage.cacheWriteTokens,
            usage.outputTokens, usage.reasoningTokens, usage.estimated, record.costMicroUSD,
            record.createdAt.storedMilliseconds,
        ])
    }
}

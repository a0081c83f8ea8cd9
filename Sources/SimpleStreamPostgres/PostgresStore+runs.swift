public import SimpleStreamKit

extension PostgresStore {
    public func checkpoint(_ checkpoints: [RunCheckpoint]) async throws(ChatError) -> CheckpointResult {
        guard !checkpoints.isEmpty else { return CheckpointResult() }
        let statement = Self.statement(checkpoints, now: now)
        return try await database.write { connection, _ in
            var result = CheckpointResult(lost: Set(checkpoints.map(\.fence.messageID)))
            let passed = try connection.run([statement]).flatMap { try $0.map { (try $0.text(), try $0.bool()) } }
            for (id, isStopRequested) in passed {
                result.lost.remove(id)
                if isStopRequested { result.stopRequested.insert(id) }
            }
            return result
        }
    }

    /// All checkpoints in one statement, whatever their number.
    private static func statement(_ checkpoints: [RunCheckpoint], now: Parameter) -> Statement {
        let sql = """
            UPDATE messages AS m SET
                lease_until = ss_lease($9, c.lease),
                content = coalesce(c.content, m.content),
                thinking_text = CASE WHEN c.content IS NULL THEN m.thinking_text ELSE c.thinking END,
                thinking_ms = CASE WHEN c.content IS NULL THEN m.thinking_ms ELSE c.thinking_ms END,
                materialized_seq = coalesce(c.seq, m.materialized_seq)
            FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[],
                $8::bigint[]) AS c (id, node, epoch, lease, content, thinking, thinking_ms, seq)
            WHERE m.id = c.id AND m.status = 'streaming' AND m.node = c.node AND m.lease_epoch = c.epoch
            RETURNING m.id, m.stop_requested
            """
        let progress = checkpoints.map(\.progress)
        return Statement(
            sql,
            [
                .texts(checkpoints.map(\.fence.messageID)), .texts(checkpoints.map(\.fence.node)),
                .ints(checkpoints.map { Int64($0.fence.leaseEpoch) }),
                .ints(checkpoints.map(\.lease.storedMilliseconds)), .texts(progress.map { $0?.content }),
                .texts(progress.map { $0?.thinkingText }),
                .ints(progress.map { $0?.thinkingDuration.map { Int64($0) } }),
                .ints(progress.map { $0.map { Int64($0.materializedSeq) } }), now,
            ])
    }

    public func finishRun(_ finish: RunFinish) async throws(ChatError) -> Bool {
        guard finish.answer.status != .streaming else { throw StoreError.endlessRun() }
        let answer: [String?]
        do {
            answer = try finish.answer.stored(under: finish.answer.parentID).values()
        } catch {
            throw ChatError(storing: error)
        }
        let words = SearchWords.parts(finish.answer.content.asStored)
        let fence = finish.fence
        let now = now
        return try await database.write { connection, isInDoubt in
            try connection.one(
                "SELECT ss_finish_run($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                [
                    .text(fence.messageID), .text(fence.node), Parameter(fence.leaseEpoch), .texts(answer),
                    .texts(finish.answer.attachmentIDs), .texts(words),
                    finish.usage.map { .texts($0.values()) } ?? .null, now, .bool(isInDoubt),
                ] + finish.spending.parameters
            ).first { try $0.bool() } ?? false
        }
    }

    public func run(_ messageID: String, of userID: String) async throws(ChatError) -> Run? {
        let sql = "SELECT \(Run.columns) FROM messages WHERE id = $1 AND user_id = $2 AND node IS NOT NULL"
        return try await database.read { connection in
            try connection.one(sql, [.text(messageID), .text(userID)]).first { try Run(&$0) }
        }
    }

    public func activeRuns(of userID: String, in conversationID: String?) async throws(ChatError) -> [Run] {
        let sql = """
            SELECT \(Run.columns) FROM messages
            WHERE status = 'streaming' AND user_id = $1 AND conversation_id = coalesce($2, conversation_id)
            ORDER BY ordinal
            """
        return try await database.read { connection in
            try connection.one(sql, [.text(userID), Parameter(conversationID)]).map { try Run(&$0) }
        }
    }

    public func expiredRuns(limit: Int) async throws(ChatError) -> [String] {
        guard limit > 0 else { return [] }
        let sql = """
            SELECT id FROM messages WHERE status = 'streaming' AND lease_until <= ss_now($1) ORDER BY ordinal LIMIT $2
            """
        let now = now
        return try await database.read { connection in
            try connection.one(sql, [now, .int(Int64(min(limit, 10_000)))]).map { try $0.text() }
        }
    }

    /// When the connection breaks, runs may have been taken over that nobody was told of; their new lease runs out, and
    /// the next call finds them.
    public func takeOverRuns(
        node: String, includingOwn: Bool, among ids: [String]?, lease: Duration, limit: Int
    ) async throws(ChatError) -> [Run] {
        guard limit > 0 else { return [] }
        let sql = """
            WITH old AS MATERIALIZED (
                SELECT ordinal FROM messages
                WHERE status = 'streaming' AND (
                    ($2 AND node = $1) OR (lease_until <= ss_now($4) AND ($6::text[] IS NULL OR id = ANY ($6::text[]))))
                ORDER BY ordinal LIMIT $5 FOR NO KEY UPDATE SKIP LOCKED
            ), taken AS (
                UPDATE messages AS m
                SET node = $1, lease_epoch = lease_epoch + 1, lease_until = ss_lease($4, $3)
                FROM old WHERE m.ordinal = old.ordinal RETURNING m.*
            )
            SELECT \(Run.columns) FROM taken ORDER BY ordinal
            """
        let now = now
        return try await database.write { connection, _ in
            try connection.one(
                sql,
                [
                    .text(node), .bool(includingOwn), .int(lease.storedMilliseconds), now,
                    .int(Int64(min(limit, 10_000))), ids.map { .texts($0) } ?? .null,
                ]
            ).map { try Run(&$0) }
        }
    }

    public func requestStop(_ messageID: String, of userID: String) async throws(ChatError) -> Bool {
        let sql = "UPDATE messages SET stop_requested = true WHERE id = $1 AND user_id = $2 AND status = 'streaming'"
        return try await database.write { connection, _ in
            try connection.one(sql, [.text(messageID), .text(userID)]).changedRows > 0
        }
    }
}

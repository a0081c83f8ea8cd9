import GRDB
public import SimpleStreamKit

extension SQLiteStore {
    public func checkpoint(_ checkpoints: [RunCheckpoint]) async throws(ChatError) -> CheckpointResult {
        guard !checkpoints.isEmpty else { return CheckpointResult() }
        let now = self.now
        return try await write { db in
            var result = CheckpointResult()
            for checkpoint in checkpoints {
                let id = checkpoint.fence.messageID
                switch try db.checkpoint(checkpoint, now: now) {
                case nil: result.lost.insert(id)
                case true?: result.stopRequested.insert(id)
                case false?: break
                }
            }
            return result
        }
    }

    public func finishRun(_ finish: RunFinish) async throws(ChatError) -> Bool {
        guard finish.answer.status != .streaming else { throw StoreError.endlessRun() }
        let now = self.now
        return try await write { db in try db.finish(finish, now: now) }
    }

    public func run(_ messageID: String, of userID: String) async throws(ChatError) -> Run? {
        let sql = "SELECT \(Run.columns) FROM messages WHERE id = ? AND user_id = ? AND node IS NOT NULL"
        return try await read { db in
            try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [messageID, userID]).map(Run.init)
        }
    }

    public func activeRuns(of userID: String, in conversationID: String?) async throws(ChatError) -> [Run] {
        let sql = """
            SELECT \(Run.columns) FROM messages
            WHERE status = 'streaming' AND user_id = ? AND conversation_id = coalesce(?, conversation_id)
            ORDER BY ordinal
            """
        return try await read { db in
            try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [userID, conversationID]).map(Run.init)
        }
    }

    public func expiredRuns(limit: Int) async throws(ChatError) -> [String] {
        guard limit > 0 else { return [] }
        let now = self.now
        let sql = "SELECT id FROM messages WHERE status = 'streaming' AND lease_until <= ? ORDER BY ordinal LIMIT ?"
        return try await read { db in
            try String.fetchAll(db.cachedStatement(sql: sql), arguments: [now, limit])
        }
    }

    public func takeOverRuns(
        node: String, includingOwn: Bool, among ids: [String]?, lease: Duration, limit: Int
    ) async throws(ChatError) -> [Run] {
        guard limit > 0 else { return [] }
        let now = self.now
        let among = ids.map { JSONValue.array($0.map(JSONValue.string)).text }
        return try await write { db in
            let abandoned = try String.fetchAll(
                db,
                sql: """
                    SELECT id FROM messages
                    WHERE status = 'streaming'
                        AND (? AND node = ?
                            OR lease_until <= ? AND (? IS NULL OR id IN (SELECT value FROM json_each(?))))
                    ORDER BY ordinal LIMIT ?
                    """,
                arguments: [includingOwn, node, now, among, among, limit])
            return try abandoned.compactMap { id in
                try Row.fetchOne(
                    db,
                    sql: """
                        UPDATE messages SET node = ?, lease_epoch = lease_epoch + 1, lease_until = ?
                        WHERE id = ? RETURNING \(Run.columns)
                        """,
                    arguments: [node, now.adding(lease), id]
                ).map(Run.init)
            }
        }
    }

    public func requestStop(_ messageID: String, of userID: String) async throws(ChatError) -> Bool {
        try await write { db in
            try db.execute(
                sql: "UPDATE messages SET stop_requested = 1 WHERE id = ? AND user_id = ? AND status = 'streaming'",
                arguments: [messageID, userID])
            return db.changesCount > 0
        }
    }
}

extension Database {
    /// Whether the run is asked to stop; nil when the fence did not let the checkpoint pass.
    fileprivate func checkpoint(_ checkpoint: RunCheckpoint, now: Int64) throws -> Bool? {
        let until = now.adding(checkpoint.lease)
        let fence = checkpoint.fence
        guard let progress = checkpoint.progress else {
            let sql = """
                UPDATE messages SET lease_until = ?
                WHERE id = ? AND status = 'streaming' AND node = ? AND lease_epoch = ? RETURNING stop_requested
                """
            return try Bool.fetchOne(
                cachedStatement(sql: sql), arguments: [until, fence.messageID, fence.node, fence.leaseEpoch])
        }
        let sql = """
            UPDATE messages
            SET lease_until = ?, content = ?, thinking_text = ?, thinking_ms = ?, materialized_seq = ?
            WHERE id = ? AND status = 'streaming' AND node = ? AND lease_epoch = ? RETURNING stop_requested
            """
        return try Bool.fetchOne(
            cachedStatement(sql: sql),
            arguments: [
                until, progress.content.asStored, progress.thinkingText?.asStored, progress.thinkingDuration,
                progress.materializedSeq, fence.messageID, fence.node, fence.leaseEpoch,
            ])
    }

    fileprivate func finish(_ finish: RunFinish, now: Int64) throws -> Bool {
        let fence = finish.fence
        let find = """
            SELECT \(Message.columns), user_id, ordinal FROM messages
            WHERE id = ? AND status = 'streaming' AND node = ? AND lease_epoch = ?
            """
        guard
            let row = try Row.fetchOne(
                cachedStatement(sql: find), arguments: [fence.messageID, fence.node, fence.leaseEpoch])
        else { return false }
        var columns = Columns(row)
        let stored = try Message(&columns)
        let userID: String = try columns.next()
        let ordinal: Int64 = try columns.next()
        let attachmentIDs = try bindableAttachments(finish.answer.attachmentIDs, of: userID, to: stored.id)
        let message = stored.finished(as: finish.answer, attachmentIDs: attachmentIDs)
        try update(message, ordinal: ordinal)
        try bindAttachments(attachmentIDs, to: message.id)
        try SearchIndex.addMessage(ordinal, message, of: userID, self)
        try execute(
            sql: "UPDATE conversations SET updated_at = ? WHERE id = ?", arguments: [now, message.conversationID])
        try settleQuotas(of: fence.messageID, finish.spending)
        if var usage = finish.usage {
            usage.userID = userID
            try insert(usage)
        }
        return true
    }

    private func update(_ message: Message, ordinal: Int64) throws {
        let sql = """
            UPDATE messages
            SET (\(Message.columns)) =
                (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), lease_until = NULL
            WHERE ordinal = ?
            """
        try cachedStatement(sql: sql).execute(arguments: try message.arguments() + [ordinal])
    }
}

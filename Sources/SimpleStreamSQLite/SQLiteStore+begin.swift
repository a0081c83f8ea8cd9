import GRDB
public import SimpleStreamKit

extension SQLiteStore {
    public func beginRun(_ start: RunStart) async throws(ChatError) -> RunBeginning {
        let now = self.now
        return try await write { db in try Beginning(start: start, now: now, db: db).run() }
    }
}

/// One try to begin a run, inside a transaction.
///
/// Everything is checked before anything is changed.
private struct Beginning {
    let start: RunStart
    let now: Int64
    let db: Database

    func run() throws -> RunBeginning {
        if let known = try known() { return known }
        var activeLeafID: String?
        if start.newConversationTitle == nil {
            guard let conversation = try db.conversation(start.conversationID, of: start.userID) else {
                return .notFound("conversation")
            }
            activeLeafID = conversation.activeLeafID
        }
        guard let parentID = try parent(activeLeafID) else { return .notFound("message") }
        guard try areAttachmentsFree() else { return .notFound("attachment") }
        if let busy = try busy(parentID) { return .busy(busy) }
        if let refusal = try limitRefusal() { return refusal }
        let answerParentID = start.prompt?.id ?? parentID
        try insertConversation()
        if let prompt = start.prompt { try insert(prompt.stored(under: parentID)) }
        try insertAnswer(start.answer.stored(under: answerParentID))
        try db.reserve(start.charges, for: start.answer.id, at: now)
        if let use = start.keyUse { try insert(use) }
        guard let conversation = try db.conversation(start.conversationID, of: start.userID), let answerParentID else {
            return .notFound("conversation")
        }
        return .begun(
            conversation, try db.branch(to: answerParentID, in: start.conversationID, bytes: start.branchBytes))
    }

    private func known() throws -> RunBeginning? {
        guard let requestID = start.requestID else { return nil }
        let sql = "SELECT \(Run.columns), request_hash FROM messages WHERE user_id = ? AND request_id = ?"
        guard let row = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [start.userID, requestID]) else {
            return nil
        }
        let hash = try row.decode(String?.self, forColumn: "request_hash")
        return hash == start.requestHash ? .duplicate(try Run(row)) : .conflict
    }

    /// The prompt's parent, or the prompt that is answered anew.
    ///
    /// The outer nil means it is unknown.
    private func parent(_ activeLeafID: String?) throws -> String?? {
        guard let prompt = start.prompt else {
            guard let id = start.answer.parentID,
                try db.messageRole(id, in: start.conversationID, of: start.userID) == Message.Role.user.rawValue
            else { return nil }
            return .some(id)
        }
        if start.continuesActiveBranch { return .some(activeLeafID) }
        guard let id = prompt.parentID else { return .some(nil) }
        return try db.messageRole(id, in: start.conversationID, of: start.userID) == nil ? nil : .some(id)
    }

    private func areAttachmentsFree() throws -> Bool {
        guard let ids = start.prompt?.attachmentIDs, !ids.isEmpty else { return true }
        return try db.bindableAttachments(ids, of: start.userID, to: "").count == ids.count
    }

    /// The answer being written on the branch the run would go on with.
    private func busy(_ parentID: String?) throws -> String? {
        guard start.prompt != nil else {
            let sql = """
                SELECT id FROM messages WHERE conversation_id = ? AND status = 'streaming' AND parent_id = ?
                ORDER BY ordinal LIMIT 1
                """
            return try String.fetchOne(
                db.cachedStatement(sql: sql), arguments: [start.conversationID, parentID])
        }
        let sql = """
            SELECT answer.id FROM messages AS answer LEFT JOIN messages AS prompt ON prompt.id = answer.parent_id
            WHERE answer.conversation_id = ? AND answer.status = 'streaming'
                AND (answer.id = ? OR (prompt.id IS NOT NULL AND prompt.parent_id IS ?))
            ORDER BY answer.ordinal LIMIT 1
            """
        return try String.fetchOne(
            db.cachedStatement(sql: sql), arguments: [start.conversationID, parentID, parentID])
    }

    /// What keeps the run from beginning now, although everything about it is right.
    private func limitRefusal() throws -> RunBeginning? {
        if let limit = start.maxActiveRuns {
            let sql = "SELECT count(*) FROM messages WHERE status = 'streaming' AND user_id = ?"
            let count = try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [start.userID]) ?? 0
            guard count < limit else { return .tooManyRuns(count) }
        }
        return try db.quotaRefusal(of: start.charges, for: start.answer.id, at: now).map(RunBeginning.quotaExceeded)
    }

    private func insert(_ use: KeyUse) throws {
        let sql = "INSERT INTO key_uses (user_id, provider, fingerprint, message_id, used_at) VALUES (?, ?, ?, ?, ?)"
        try db.cachedStatement(sql: sql).execute(arguments: [
            use.userID, use.provider, use.fingerprint, use.messageID, use.usedAt.storedMilliseconds,
        ])
    }

    private func insertConversation() throws {
        guard let title = start.newConversationTitle?.asStored else { return }
        try db.execute(
            sql: "INSERT INTO conversations (id, user_id, title, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [start.conversationID, start.userID, title, now, now])
        try SearchIndex.setTitle(
            title, ofConversation: db.lastInsertedRowID, id: start.conversationID, userID: start.userID, db)
    }

    private func insert(_ prompt: Message) throws {
        let ordinal = try insert(prompt, with: [nil, nil, nil, nil, nil])
        try db.bindAttachments(prompt.attachmentIDs, to: prompt.id)
        try SearchIndex.addMessage(ordinal, prompt, of: start.userID, db)
    }

    private func insertAnswer(_ answer: Message) throws {
        let leaseUntil = now.adding(start.lease)
        _ = try insert(
            answer, with: [start.requestID, start.requestHash, start.node, start.leaseEpoch, leaseUntil])
        try db.execute(
            sql: "UPDATE conversations SET active_leaf_id = ?, updated_at = ? WHERE id = ?",
            arguments: [answer.id, now, start.conversationID])
    }

    private func insert(_ message: Message, with run: StatementArguments) throws -> Int64 {
        let sql = """
            INSERT INTO messages (\(Message.columns), user_id, request_id, request_hash, node, lease_epoch, lease_until)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        try db.cachedStatement(sql: sql).execute(arguments: try message.arguments() + [start.userID] + run)
        return db.lastInsertedRowID
    }
}

extension Int64 {
    /// When a lease given at this time runs out.
    func adding(_ lease: Duration) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(lease.storedMilliseconds)
        return overflow ? .max : sum
    }
}

public import SimpleStreamKit

extension PostgresStore {
    public func beginRun(_ start: RunStart) async throws(ChatError) -> RunBeginning {
        let beginning: Beginning
        do {
            beginning = try Beginning(start, now: now)
        } catch {
            throw ChatError(storing: error)
        }
        return try await database.write { connection, isInDoubt in
            try beginning.run(connection, isInDoubt: isInDoubt)
        }
    }
}

/// One round trip to begin a run: the function that does it, and what its caller wants to know afterwards.
private struct Beginning: Sendable {
    private let start: RunStart
    private let now: Parameter
    private let prompt: Parameter
    private let answer: Parameter
    private let titleWords: Parameter
    private let promptWords: Parameter
    private let keyUse: Parameter

    init(_ start: RunStart, now: Parameter) throws {
        self.start = start
        self.now = now
        prompt = try start.prompt.map { .texts(try $0.stored(under: $0.parentID).values()) } ?? .null
        answer = .texts(try start.answer.stored(under: start.answer.parentID).values())
        titleWords = .texts(start.newConversationTitle.map { SearchWords.parts($0.asStored) } ?? [])
        keyUse =
            start.keyUse.map { use in
                .texts([
                    use.userID, use.provider, use.fingerprint, use.messageID, "\(use.usedAt.storedMilliseconds)",
                ])
            } ?? .null
        promptWords = .texts(start.prompt.map { SearchWords.parts($0.content.asStored) } ?? [])
    }

    func run(_ connection: Connection, isInDoubt: Bool) throws -> RunBeginning {
        let results = try connection.run(
            begin(isInDoubt: isInDoubt, lastMoment: connection.lastMoment),
            Statement(
                "SELECT \(Conversation.columns) FROM conversations WHERE id = $1 AND user_id = $2",
                [.text(start.conversationID), .text(start.userID)]),
            Statement(
                "SELECT \(Run.columns) FROM messages WHERE user_id = $1 AND request_id = $2",
                [.text(start.userID), Parameter(start.requestID)]),
            Statement(Self.branch, [.text(start.answer.id), .text(start.conversationID), Parameter(start.branchBytes)]))
        guard results.count == 4,
            let (outcome, found, refusal) = try results[0].first({
                (try $0.text(), $0.optionalText() ?? "", try start.charges.refusal(&$0))
            })
        else { throw UnknownValue() }
        switch outcome {
        case "begun":
            guard let conversation = try results[1].first({ try Conversation(&$0) }) else {
                return .notFound("conversation")
            }
            let path = try results[3].map { (message: try Message(&$0), length: try $0.int()) }
            let length = path.first?.length ?? 0
            return .begun(
                conversation, RunBranch(messages: path.map(\.message), omitted: max(0, length - path.count)))
        case "duplicate":
            guard let run = try results[2].first({ try Run(&$0) }) else { throw UnknownValue() }
            return .duplicate(run)
        case "conflict": return .conflict
        case "busy": return .busy(found)
        case "notFound": return .notFound(found)
        case "tooManyRuns": return .tooManyRuns(Int(found) ?? 0)
        case "quotaExceeded":
            guard let refusal else { throw UnknownValue() }
            return .quotaExceeded(refusal)
        default: throw UnknownValue()
        }
    }

    private func begin(isInDoubt: Bool, lastMoment: Parameter) -> Statement {
        Statement(
            """
            SELECT outcome, hit, refused, taken, resets FROM ss_begin_run(
                $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
            """,
            [
                .text(start.userID), .text(start.conversationID), Parameter(start.newConversationTitle),
                Parameter(start.requestID), .text(start.requestHash), .text(start.node), Parameter(start.leaseEpoch),
                .int(start.lease.storedMilliseconds), .bool(start.continuesActiveBranch), prompt, answer,
                .texts(start.prompt?.attachmentIDs ?? []), titleWords, promptWords, now, .bool(isInDoubt),
                Parameter(start.maxActiveRuns),
            ] + start.charges.parameters + [keyUse, lastMoment])
    }

    /// The end of the path to the answer's parent, and the length of the whole; nothing when the answer was not begun.
    private static let branch = """
        WITH RECURSIVE path (place, parent, depth, nearer, bytes) AS (
            SELECT m.ordinal, m.parent_id, 1, 0::bigint, \(size)
            FROM messages AS answer JOIN messages AS m ON m.id = answer.parent_id AND m.conversation_id = $2
            WHERE answer.id = $1 AND answer.conversation_id = $2
            UNION ALL
            SELECT m.ordinal, m.parent_id, depth + 1, nearer + bytes, \(size)
            FROM path JOIN messages AS m ON m.id = path.parent AND m.conversation_id = $2
        )
        SELECT \(Message.columns), (SELECT count(*) FROM path) FROM path JOIN messages ON ordinal = place
        WHERE nearer < $3 ORDER BY depth DESC
        """

    private static let size =
        "octet_length(m.content)::bigint"
        + ["thinking_text", "citations", "tool_calls", "provider_state"].map { " + coalesce(octet_length(m.\($0)), 0)" }
        .joined()
}

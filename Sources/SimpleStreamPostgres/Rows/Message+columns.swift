import SimpleStreamKit

extension Conversation {
    init(_ columns: inout Columns) throws {
        self.init(
            id: try columns.text(),
            userID: try columns.text(),
            title: try columns.text(),
            createdAt: try columns.date(),
            updatedAt: try columns.date(),
            activeLeafID: columns.optionalText()
        )
    }
}

extension Message {
    init(_ columns: inout Columns) throws {
        self.init(
            id: try columns.text(),
            conversationID: try columns.text(),
            parentID: columns.optionalText(),
            role: try columns.value(Role.self),
            content: try columns.text(),
            provider: columns.optionalText(),
            model: columns.optionalText(),
            status: try columns.value(Status.self),
            createdAt: try columns.date()
        )
        thinkingText = columns.optionalText()
        thinkingDuration = try columns.optionalInt()
        stopReason = columns.optionalText().map(FinishReason.init(rawValue:))
        let code = columns.optionalText()
        let reason = columns.optionalText()
        let isRetryable = try columns.optionalBool()
        if let code, let reason, let isRetryable {
            failure = Failure(code: .init(rawValue: code), message: reason, retryable: isRetryable)
        }
        usage = try columns.json(TokenUsage.self)
        costMicroUSD = try columns.optionalInt()
        isLiked = try columns.bool()
        isDisliked = try columns.bool()
        attachmentIDs = try columns.json([String].self) ?? []
        citations = try columns.json([Citation].self) ?? []
        toolCalls = try columns.json([ToolCall].self) ?? []
        providerState = try columns.json(ProviderState.self)
        materializedSeq = try columns.int()
    }

    /// As texts, which the database's functions take.
    func values() throws -> [String?] {
        [
            id, conversationID, parentID, role.rawValue, content, provider, model, status.rawValue,
            "\(createdAt.storedMilliseconds)", thinkingText, thinkingDuration.map(String.init), stopReason?.rawValue,
            failure?.code.rawValue, failure?.message, failure.map { "\($0.retryable)" }, try column(usage),
            costMicroUSD.map(String.init), "\(isLiked)", "\(isDisliked)", try column(attachmentIDs),
            try column(citations), try column(toolCalls), try column(providerState), "\(materializedSeq)",
        ]
    }
}

extension Run {
    init(_ columns: inout Columns) throws {
        self.init(
            message: try Message(&columns),
            userID: try columns.text(),
            requestID: columns.optionalText(),
            node: try columns.text(),
            leaseEpoch: try columns.int(),
            isStopRequested: try columns.bool()
        )
    }
}

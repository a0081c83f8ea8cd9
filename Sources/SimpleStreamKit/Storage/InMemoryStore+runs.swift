extension InMemoryStore {
    public func beginRun(_ start: RunStart) async throws(ChatError) -> RunBeginning {
        let now = self.now
        return try transaction { state throws(ChatError) in try state.begin(start, now: now) }
    }

    public func checkpoint(_ checkpoints: [RunCheckpoint]) async throws(ChatError) -> CheckpointResult {
        let now = self.now
        return try transaction { state throws(ChatError) in
            var result = CheckpointResult()
            for checkpoint in checkpoints {
                let id = checkpoint.fence.messageID
                guard var row = state.passing(checkpoint.fence) else {
                    result.lost.insert(id)
                    continue
                }
                if let progress = checkpoint.progress {
                    row.message.content = progress.content.asStored
                    row.message.thinkingText = progress.thinkingText?.asStored
                    row.message.thinkingDuration = progress.thinkingDuration
                    row.message.materializedSeq = progress.materializedSeq
                }
                row.run?.leaseUntil = now.adding(checkpoint.lease)
                if row.run?.isStopRequested == true { result.stopRequested.insert(id) }
                state.messages[id] = row
            }
            return result
        }
    }

    public func finishRun(_ finish: RunFinish) async throws(ChatError) -> Bool {
        guard finish.answer.status != .streaming else { throw StoreError.endlessRun() }
        let now = self.now
        return try transaction { state throws(ChatError) in
            guard var row = state.passing(finish.fence) else { return false }
            let id = row.message.id
            let attachmentIDs = state.bindable(finish.answer.attachmentIDs, of: row.userID, to: id)
            row.message = row.message.finished(as: finish.answer, attachmentIDs: attachmentIDs)
            row.words = SearchWords(row.message.content)
            state.bind(attachmentIDs, to: id)
            state.messages[id] = row
            state.streamingIDs.remove(id)
            state.conversations[row.message.conversationID]?.conversation.updatedAt = now
            state.quotas.settle(id, finish.spending)
            if var usage = finish.usage {
                usage.userID = row.userID
                state.usage[row.userID, default: []].append(usage.stored)
            }
            return true
        }
    }

    public func run(_ messageID: String, of userID: String) async throws(ChatError) -> Run? {
        try transaction { state throws(ChatError) in
            guard let row = state.messages[messageID], row.userID == userID else { return nil }
            return Run(row)
        }
    }

    public func activeRuns(of userID: String, in conversationID: String?) async throws(ChatError) -> [Run] {
        try transaction { state throws(ChatError) in
            state.streaming { row in
                row.userID == userID && (conversationID == nil || row.message.conversationID == conversationID)
            }.compactMap(Run.init)
        }
    }

    public func expiredRuns(limit: Int) async throws(ChatError) -> [String] {
        let now = self.now
        return try transaction { state throws(ChatError) in
            state.streaming { $0.run.map { $0.leaseUntil <= now } ?? false }.prefix(max(limit, 0)).map(\.message.id)
        }
    }

    public func takeOverRuns(
        node: String, includingOwn: Bool, among ids: [String]?, lease: Duration, limit: Int
    ) async throws(ChatError) -> [Run] {
        let now = self.now
        let ids = ids.map(Set.init)
        return try transaction { state throws(ChatError) in
            let abandoned = state.streaming { row in
                guard let run = row.run else { return false }
                if includingOwn, run.node == node { return true }
                return run.leaseUntil <= now && ids?.contains(row.message.id) ?? true
            }
            return abandoned.prefix(max(limit, 0)).compactMap { row in
                guard var run = row.run else { return nil }
                run.node = node
                run.leaseEpoch += 1
                run.leaseUntil = now.adding(lease)
                var taken = row
                taken.run = run
                state.messages[row.message.id] = taken
                return Run(taken)
            }
        }
    }

    public func requestStop(_ messageID: String, of userID: String) async throws(ChatError) -> Bool {
        try transaction { state throws(ChatError) in
            guard let row = state.messages[messageID], row.userID == userID, row.message.status == .streaming else {
                return false
            }
            state.messages[messageID]?.run?.isStopRequested = true
            return true
        }
    }
}

extension InMemoryState {
    /// The row a fence lets through.
    fileprivate func passing(_ fence: RunFence) -> MessageRow? {
        guard let row = messages[fence.messageID], row.message.status == .streaming, let run = row.run,
            run.node == fence.node, run.leaseEpoch == fence.leaseEpoch
        else { return nil }
        return row
    }

    /// Streaming answers, oldest first.
    fileprivate func streaming(_ isIncluded: (MessageRow) -> Bool) -> [MessageRow] {
        streamingIDs.compactMap { messages[$0] }.filter(isIncluded).sorted { $0.ordinal < $1.ordinal }
    }
}

extension Run {
    init?(_ row: InMemoryState.MessageRow) {
        guard let run = row.run else { return nil }
        self.init(
            message: row.message,
            userID: row.userID,
            requestID: run.requestID,
            node: run.node,
            leaseEpoch: run.leaseEpoch,
            isStopRequested: run.isStopRequested
        )
    }
}

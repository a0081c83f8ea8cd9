package import Foundation
package import SimpleStreamKit

/// A store under test and short words for what checks do with it.
package struct StoreBench: Sendable {
    package let store: any Store
    package let clock: ManualClock
    package let user = UUIDv7.make()
    package let stranger = UUIDv7.make()

    package init(store: any Store, clock: ManualClock) {
        self.store = store
        self.clock = clock
    }

    package var date: Date { clock.now() }

    /// What beginning a run made.
    package struct Begun: Sendable {
        package var conversation: Conversation
        package var branch: [Message]
        package var omitted: Int
        package var answer: Message
        package var node: String
        package var epoch: Int

        package var fence: RunFence { RunFence(messageID: answer.id, node: node, leaseEpoch: epoch) }
    }

    /// Where a prompt goes.
    package enum Place {
        case newConversation(title: String)
        case activeBranch(String)
        case under(String?, in: String)
        /// Answers the prompt with this id anew.
        case again(String, in: String)
    }

    package func start(
        _ place: Place, text: String = "Hello", attachments: [String] = [], request: String? = nil,
        hash: String = "h", node: String = "n1", lease: Duration = .seconds(10), user: String? = nil
    ) -> RunStart {
        let conversationID: String
        var title: String?
        var parentID: String?
        var isAgain = false
        var continues = false
        switch place {
        case .newConversation(let name): (conversationID, title) = (UUIDv7.make(), name)
        case .activeBranch(let id): (conversationID, continues) = (id, true)
        case .under(let parent, let id): (conversationID, parentID) = (id, parent)
        case .again(let prompt, let id): (conversationID, parentID, isAgain) = (id, prompt, true)
        }
        var prompt: Message?
        if !isAgain {
            prompt = Message(
                id: UUIDv7.make(), conversationID: conversationID, parentID: parentID, role: .user, content: text,
                createdAt: date)
            prompt?.attachmentIDs = attachments
        }
        let answer = Message(
            id: UUIDv7.make(), conversationID: conversationID, parentID: prompt?.id ?? parentID, role: .assistant,
            content: "", provider: "demo", model: "echo", status: .streaming, createdAt: date)
        return RunStart(
            userID: user ?? self.user, conversationID: conversationID, newConversationTitle: title, prompt: prompt,
            answer: answer, continuesActiveBranch: continues, requestID: request, requestHash: hash, node: node,
            leaseEpoch: 1, lease: lease)
    }

    /// Begins a run that must begin.
    package func begin(_ start: RunStart, file: String = #fileID, line: Int = #line) async throws -> Begun {
        let beginning = try await store.beginRun(start)
        guard case .begun(let conversation, let branch) = beginning else {
            throw ConformanceFailure(description: "not begun: \(beginning) (\(file):\(line))")
        }
        let run = try unwrap(await store.run(start.answer.id, of: start.userID), file: file, line: line)
        return Begun(
            conversation: conversation, branch: branch.messages, omitted: branch.omitted, answer: run.message, node: start.node,
            epoch: start.leaseEpoch)
    }

    package func finish(
        _ begun: Begun, text: String = "Done", status: Message.Status = .complete, usage: UsageRecord? = nil
    ) async throws -> Bool {
        var answer = begun.answer
        answer.content = text
        answer.status = status
        answer.stopReason = .stop
        answer.materializedSeq = 7
        return try await store.finishRun(RunFinish(fence: begun.fence, answer: answer, usage: usage))
    }

    /// A conversation with one finished turn.
    package func turn(
        title: String = "Title", prompt: String = "Hello", answer: String = "Done", user: String? = nil
    ) async throws -> Begun {
        let begun = try await begin(start(.newConversation(title: title), text: prompt, user: user))
        try require(await finish(begun, text: answer), "a run that began could not finish")
        return begun
    }

    package func attachment(user: String? = nil, size: Int = 3, limit: Int? = nil) async throws -> String {
        let attachment = Attachment(
            id: UUIDv7.make(), userID: user ?? self.user, name: "a.png", mime: "image/png", size: size, createdAt: date)
        try await store.saveAttachment(attachment, limit: limit)
        return attachment.id
    }

    /// The code a call failed with; a failure when it did not.
    package func code(file: String = #fileID, line: Int = #line, of call: () async throws -> Void) async throws
        -> ChatError.Code
    {
        do {
            try await call()
        } catch let error as ChatError {
            return error.code
        }
        throw ConformanceFailure(description: "a call that had to fail did not (\(file):\(line))")
    }
}

extension RunBeginning {
    /// The beginning in one word and its id, for comparing.
    package var summary: String {
        switch self {
        case .begun: "begun"
        case .duplicate(let run): "duplicate \(run.message.id)"
        case .conflict: "conflict"
        case .busy(let id): "busy \(id)"
        case .notFound(let what): "notFound \(what)"
        case .tooManyRuns(let count): "tooManyRuns \(count)"
        case .quotaExceeded(let use): "quotaExceeded \(use.quota.key) \(use.used)"
        }
    }
}

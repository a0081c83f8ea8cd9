#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension InMemoryState {
    /// Begins a run.
    ///
    /// Everything is checked before anything is changed.
    mutating func begin(_ start: RunStart, now: Date) throws(ChatError) -> RunBeginning {
        if let known = known(start) { return known }
        let isNew = start.newConversationTitle != nil
        if isNew {
            guard conversations[start.conversationID] == nil else { throw StoreError.taken("conversation") }
        } else if conversation(start.conversationID, of: start.userID) == nil {
            return .notFound("conversation")
        }
        guard messages[start.answer.id] == nil, start.prompt.map({ messages[$0.id] == nil }) ?? true else {
            throw StoreError.taken("message")
        }
        guard let parentID = parent(start) else { return .notFound("message") }
        let attachmentIDs = start.prompt?.attachmentIDs ?? []
        guard bindable(attachmentIDs, of: start.userID, to: "").count == attachmentIDs.count else {
            return .notFound("attachment")
        }
        if let busy = busy(start, parentID: parentID) { return .busy(busy) }
        if let limit = start.maxActiveRuns {
            let count = streamingIDs.count { messages[$0]?.userID == start.userID }
            guard count < limit else { return .tooManyRuns(count) }
        }
        if let refusal = quotas.reserve(start.charges, for: start.answer.id, at: now) {
            return .quotaExceeded(refusal)
        }
        if let use = start.keyUse { keyUses.append(use.stored) }
        insert(start, parentID: parentID, now: now)
        guard let conversation = conversations[start.conversationID]?.conversation else {
            return .notFound("conversation")
        }
        let answerParent = start.prompt?.id ?? parentID
        return .begun(conversation, branch(to: answerParent, bytes: start.branchBytes))
    }

    private func known(_ start: RunStart) -> RunBeginning? {
        guard let requestID = start.requestID,
            let messageID = messageIDsByRequest[.init(userID: start.userID, name: requestID)],
            let row = messages[messageID], let run = Run(row)
        else { return nil }
        return row.run?.requestHash == start.requestHash ? .duplicate(run) : .conflict
    }

    /// The prompt's parent, or the prompt that is answered anew.
    ///
    /// The outer nil means it is unknown.
    private func parent(_ start: RunStart) -> String?? {
        guard let prompt = start.prompt else {
            guard let id = start.answer.parentID, let row = message(id, in: start.conversationID),
                row.message.role == .user
            else { return nil }
            return .some(id)
        }
        if start.continuesActiveBranch {
            return .some(conversations[start.conversationID]?.conversation.activeLeafID)
        }
        guard let id = prompt.parentID else { return .some(nil) }
        return message(id, in: start.conversationID) == nil ? nil : .some(id)
    }

    /// The answer being written on the branch the run would go on with.
    private func busy(_ start: RunStart, parentID: String?) -> String? {
        let streaming = streamingIDs.compactMap { message($0, in: start.conversationID) }
            .sorted { $0.ordinal < $1.ordinal }
        return streaming.first { row in
            guard start.prompt != nil else { return row.message.parentID == parentID }
            if row.message.id == parentID { return true }
            guard let promptID = row.message.parentID, let prompt = messages[promptID] else { return false }
            return prompt.message.parentID == parentID
        }?.message.id
    }

    private mutating func insert(_ start: RunStart, parentID: String?, now: Date) {
        if let title = start.newConversationTitle {
            let conversation = Conversation(
                id: start.conversationID, userID: start.userID, title: title.asStored, createdAt: now, updatedAt: now)
            conversations[start.conversationID] = ConversationRow(
                conversation: conversation, titleWords: SearchWords(title))
            conversationIDs[start.userID, default: []].insert(start.conversationID)
        }
        if let prompt = start.prompt {
            insert(prompt.stored(under: parentID), userID: start.userID)
            bind(prompt.attachmentIDs, to: prompt.id)
        }
        let run = RunRow(
            requestID: start.requestID,
            requestHash: start.requestHash,
            node: start.node,
            leaseEpoch: start.leaseEpoch,
            leaseUntil: now.adding(start.lease)
        )
        insert(start.answer.stored(under: start.prompt?.id ?? parentID), userID: start.userID, run: run)
        streamingIDs.insert(start.answer.id)
        if let requestID = start.requestID {
            messageIDsByRequest[.init(userID: start.userID, name: requestID)] = start.answer.id
        }
        conversations[start.conversationID]?.conversation.activeLeafID = start.answer.id
        conversations[start.conversationID]?.conversation.updatedAt = now
    }
}

extension Date {
    /// When a lease given now runs out.
    func adding(_ lease: Duration) -> Date {
        let (sum, overflow) = storedMilliseconds.addingReportingOverflow(lease.storedMilliseconds)
        return Date(storedMilliseconds: overflow ? .max : sum)
    }
}

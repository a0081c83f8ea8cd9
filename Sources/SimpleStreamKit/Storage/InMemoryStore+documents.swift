#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension InMemoryStore {
    // MARK: Keys

    public func keys(of userID: String) async throws(ChatError) -> [StoredKey] {
        try transaction { state throws(ChatError) in
            state.keys.values.filter { $0.userID == userID }.sorted { $0.provider < $1.provider }
        }
    }

    public func key(for provider: String, of userID: String) async throws(ChatError) -> StoredKey? {
        try transaction { state throws(ChatError) in state.keys[.init(userID: userID, name: provider)] }
    }

    public func saveKey(_ key: StoredKey) async throws(ChatError) {
        var stored = key
        stored.checkedAt = key.checkedAt.asStored
        stored.createdAt = key.createdAt.asStored
        try transaction { state throws(ChatError) in
            state.save(stored)
        }
    }

    public func deleteKey(for provider: String, of userID: String) async throws(ChatError) -> Bool {
        try transaction { state throws(ChatError) in
            guard let key = state.keys.removeValue(forKey: .init(userID: userID, name: provider)) else { return false }
            let next = state.keys.filter { $0.key.userID == userID }.min { $0.key.name < $1.key.name }
            if key.isDefault, let next { state.keys[next.key]?.isDefault = true }
            return true
        }
    }

    public func keyUses(of userID: String, provider: String?, limit: Int) async throws(ChatError) -> [KeyUse] {
        try transaction { state throws(ChatError) in
            let uses = state.keyUses.reversed().lazy.filter { use in
                use.userID == userID && (provider == nil || use.provider == provider)
            }
            return Array(uses.prefix(max(limit, 0)))
        }
    }

    // MARK: Usage

    public func recordUsage(_ record: UsageRecord) async throws(ChatError) {
        try transaction { state throws(ChatError) in
            state.usage[record.userID, default: []].append(record.stored)
        }
    }

    public func usage(
        of userID: String, from start: Date, to end: Date
    ) async throws(ChatError) -> [UsageSummary] {
        let span = (start.storedMilliseconds, end.storedMilliseconds)
        return try transaction { state throws(ChatError) in
            var sums: [[String]: UsageSummary] = [:]
            for record in state.usage[userID, default: []] {
                let time = record.createdAt.storedMilliseconds
                guard time >= span.0, time < span.1 else { continue }
                sums[[record.provider, record.model], default: UsageSummary(of: record)].add(record)
            }
            return sums.values.sorted { ($0.provider, $0.model) < ($1.provider, $1.model) }
        }
    }

    // MARK: Attachments

    public func saveAttachment(_ attachment: Attachment, limit: Int?) async throws(ChatError) {
        let stored = Attachment(
            id: attachment.id,
            userID: attachment.userID,
            name: attachment.name,
            mime: attachment.mime,
            size: attachment.size,
            createdAt: attachment.createdAt.asStored
        )
        try transaction { state throws(ChatError) in
            guard state.attachments[attachment.id] == nil else { throw StoreError.taken("attachment") }
            if let limit, attachment.countedSize > limit - state.storedBytes(of: attachment.userID) {
                throw StoreError.full(limit: limit)
            }
            state.attachments[attachment.id] = .init(attachment: stored)
        }
    }

    public func storedBytes(of userID: String) async throws(ChatError) -> Int {
        try transaction { state throws(ChatError) in state.storedBytes(of: userID) }
    }

    public func attachments(_ ids: [String], of userID: String) async throws(ChatError) -> [Attachment] {
        try transaction { state throws(ChatError) in
            ids.compactMap { id in state.attachments[id]?.attachment }.filter { $0.userID == userID }
        }
    }

    public func attachments(
        of userID: String, after id: String?, limit: Int
    ) async throws(ChatError) -> [Attachment] {
        try PageCursor.check(limit: limit)
        return try transaction { state throws(ChatError) in
            let theirs = state.attachments.values.map(\.attachment).filter { $0.userID == userID && $0.id > id ?? "" }
            return Array(theirs.sorted { $0.id < $1.id }.prefix(limit))
        }
    }

    public func deleteAttachment(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try transaction { state throws(ChatError) in
            guard let row = state.attachments[id], row.attachment.userID == userID, row.messageID == nil else {
                return false
            }
            state.attachments[id] = nil
            return true
        }
    }

    public func deleteUnsentAttachments(olderThan age: Duration, limit: Int) async throws(ChatError) -> [String] {
        let end = now.storedMilliseconds - age.storedMilliseconds
        return try transaction { state throws(ChatError) in
            let unsent = state.attachments.values.filter { $0.messageID == nil }.map(\.attachment)
            let old = unsent.filter { $0.createdAt.storedMilliseconds <= end }.sorted { $0.createdAt < $1.createdAt }
            let ids = old.prefix(max(limit, 0)).map(\.id)
            for id in ids { state.attachments[id] = nil }
            return ids
        }
    }

    // MARK: Settings

    public func document(_ name: String, of userID: String) async throws(ChatError) -> String? {
        try transaction { state throws(ChatError) in state.documents[.init(userID: userID, name: name)] }
    }

    public func saveDocument(_ name: String, _ json: String, of userID: String) async throws(ChatError) {
        try StoreError.check(document: json)
        try transaction { state throws(ChatError) in
            state.documents[.init(userID: userID, name: name)] = json
        }
    }
}

extension UsageSummary {
    fileprivate init(of record: UsageRecord) {
        self.init(
            provider: record.provider, model: record.model, messages: 0, inputTokens: 0, outputTokens: 0,
            costMicroUSD: 0, unpricedCalls: 0)
    }

    fileprivate mutating func add(_ record: UsageRecord) {
        if record.purpose == .answer { messages += 1 }
        inputTokens += record.usage.inputTokens
        outputTokens += record.usage.outputTokens
        if let cost = record.costMicroUSD { costMicroUSD += cost } else { unpricedCalls += 1 }
    }
}

extension InMemoryState {
    /// Saves a key; a user's first one is their default.
    mutating func save(_ key: StoredKey) {
        let name = UserScoped(userID: key.userID, name: key.provider)
        keys[name] = key
        let others = keys.filter { $0.key.userID == key.userID && $0.key != name }
        if key.isDefault {
            for other in others.keys { keys[other]?.isDefault = false }
        } else if !others.values.contains(where: \.isDefault) {
            keys[name]?.isDefault = true
        }
    }
}

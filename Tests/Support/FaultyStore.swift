public import Foundation
public import SimpleStreamKit
import Synchronization

/// A store that can be made to fail, before or after it does what it is asked.
public final class FaultyStore<Base: Store>: ConversationStore, RunStore, RecoveryStore, KeyStore, UsageStore,
    AttachmentStore, SettingsStore, QuotaStore, VaultStore, UserStore, SessionStore, TokenStore, SignInStore,
    AuditStore,
    ShareStore
{
    /// What calls meet.
    public enum Fault: Sendable {
        /// Nothing happens and the call throws.
        case refuse
        /// The call takes effect and then throws: its caller cannot know.
        case forget
        /// Nothing happens until the caller is cancelled.
        case hang
    }

    let base: Base
    private let state = Mutex<(fault: Fault?, victim: String?, refusals: Int)>((nil, nil, 0))

    public init(_ base: Base) { self.base = base }

    /// What calls meet from now on; nil lets them through.
    ///
    /// - Parameter victim: the only function that meets it, such as `recordAudit(_:)`; nil for all.
    public func set(_ fault: Fault?, for victim: String? = nil) {
        state.withLock { ($0.fault, $0.victim) = (fault, victim) }
    }

    /// How many calls have failed.
    public var failureCount: Int { state.withLock { $0.refusals } }

    func attempt<R>(
        in function: String = #function, _ call: () async throws(ChatError) -> R
    ) async throws(ChatError) -> R {
        let fault = state.withLock { state -> Fault? in
            guard state.fault != nil, state.victim ?? function == function else { return nil }
            state.refusals += 1
            return state.fault
        }
        let down = ChatError(.storageUnavailable, "The store is down for a test.")
        if fault == .refuse { throw down }
        if fault == .hang {
            // Ends early only when the task is cancelled.
            try? await Task.sleep(for: .seconds(3600))
            throw down
        }
        let result = try await call()
        if fault == .forget { throw down }
        return result
    }

    // MARK: Conversations

    public func conversations(
        of userID: String, matching query: String?, after cursor: String?, limit: Int
    ) async throws(ChatError) -> Page<Conversation> {
        try await attempt { () async throws(ChatError) in
            try await base.conversations(of: userID, matching: query, after: cursor, limit: limit)
        }
    }

    public func conversation(_ id: String, of userID: String) async throws(ChatError) -> Conversation? {
        try await attempt { () async throws(ChatError) in try await base.conversation(id, of: userID) }
    }

    public func messages(
        in conversationID: String, of userID: String, after cursor: String?, limit: Int
    ) async throws(ChatError) -> Page<Message> {
        try await attempt { () async throws(ChatError) in
            try await base.messages(in: conversationID, of: userID, after: cursor, limit: limit)
        }
    }

    public func branch(
        endingAt leafID: String, in conversationID: String, of userID: String, limit: Int
    ) async throws(ChatError) -> [Message] {
        try await attempt { () async throws(ChatError) in
            try await base.branch(endingAt: leafID, in: conversationID, of: userID, limit: limit)
        }
    }

    public func updateConversation(
        _ id: String, of userID: String, title: String?, activeLeafID: String?
    ) async throws(ChatError) -> Conversation? {
        try await attempt { () async throws(ChatError) in
            try await base.updateConversation(id, of: userID, title: title, activeLeafID: activeLeafID)
        }
    }

    public func deleteConversation(_ id: String, of userID: String) async throws(ChatError) -> DeletedConversation? {
        try await attempt { () async throws(ChatError) in try await base.deleteConversation(id, of: userID) }
    }

    public func rateMessage(
        _ id: String, of userID: String, liked: Bool?, disliked: Bool?
    ) async throws(ChatError) -> Message? {
        try await attempt { () async throws(ChatError) in
            try await base.rateMessage(id, of: userID, liked: liked, disliked: disliked)
        }
    }

    // MARK: Runs

    public func beginRun(_ start: RunStart) async throws(ChatError) -> RunBeginning {
        try await attempt { () async throws(ChatError) in try await base.beginRun(start) }
    }

    public func checkpoint(_ checkpoints: [RunCheckpoint]) async throws(ChatError) -> CheckpointResult {
        try await attempt { () async throws(ChatError) in try await base.checkpoint(checkpoints) }
    }

    public func finishRun(_ finish: RunFinish) async throws(ChatError) -> Bool {
        try await attempt { () async throws(ChatError) in try await base.finishRun(finish) }
    }

    public func run(_ messageID: String, of userID: String) async throws(ChatError) -> Run? {
        try await attempt { () async throws(ChatError) in try await base.run(messageID, of: userID) }
    }

    public func activeRuns(of userID: String, in conversationID: String?) async throws(ChatError) -> [Run] {
        try await attempt { () async throws(ChatError) in
            try await base.activeRuns(of: userID, in: conversationID)
        }
    }

    public func expiredRuns(limit: Int) async throws(ChatError) -> [String] {
        try await attempt { () async throws(ChatError) in try await base.expiredRuns(limit: limit) }
    }

    public func takeOverRuns(
        node: String, includingOwn: Bool, among ids: [String]?, lease: Duration, limit: Int
    ) async throws(ChatError) -> [Run] {
        try await attempt { () async throws(ChatError) in
            try await base.takeOverRuns(
                node: node, includingOwn: includingOwn, among: ids, lease: lease, limit: limit)
        }
    }

    public func requestStop(_ messageID: String, of userID: String) async throws(ChatError) -> Bool {
        try await attempt { () async throws(ChatError) in try await base.requestStop(messageID, of: userID) }
    }

    // MARK: The rest

    public func keys(of userID: String) async throws(ChatError) -> [StoredKey] {
        try await attempt { () async throws(ChatError) in try await base.keys(of: userID) }
    }

    public func key(for provider: String, of userID: String) async throws(ChatError) -> StoredKey? {
        try await attempt { () async throws(ChatError) in try await base.key(for: provider, of: userID) }
    }

    public func saveKey(_ key: StoredKey) async throws(ChatError) {
        try await attempt { () async throws(ChatError) in try await base.saveKey(key) }
    }

    public func deleteKey(for provider: String, of userID: String) async throws(ChatError) -> Bool {
        try await attempt { () async throws(ChatError) in try await base.deleteKey(for: provider, of: userID) }
    }

    public func keyUses(of userID: String, provider: String?, limit: Int) async throws(ChatError) -> [KeyUse] {
        try await attempt { () async throws(ChatError) in
            try await base.keyUses(of: userID, provider: provider, limit: limit)
        }
    }

    public func sealedKeys(after last: StoredKey?, limit: Int) async throws(ChatError) -> [StoredKey] {
        try await attempt { () async throws(ChatError) in try await base.sealedKeys(after: last, limit: limit) }
    }

    public func resealKey(_ key: StoredKey, as box: SealedBox, fingerprint: String?) async throws(ChatError) -> Bool {
        try await attempt { () async throws(ChatError) in
            try await base.resealKey(key, as: box, fingerprint: fingerprint)
        }
    }

    public func canary(orSave box: SealedBox?) async throws(ChatError) -> SealedBox? {
        try await attempt { () async throws(ChatError) in try await base.canary(orSave: box) }
    }

    public func replaceCanary(_ old: SealedBox, with box: SealedBox) async throws(ChatError) -> Bool {
        try await attempt { () async throws(ChatError) in try await base.replaceCanary(old, with: box) }
    }

    public func quotaUse(_ quotas: [Quota]) async throws(ChatError) -> [QuotaUse] {
        try await attempt { () async throws(ChatError) in try await base.quotaUse(quotas) }
    }

    public func reserve(_ charges: [QuotaCharge], for messageID: String) async throws(ChatError) -> QuotaUse? {
        try await attempt { () async throws(ChatError) in try await base.reserve(charges, for: messageID) }
    }

    public func settle(_ messageID: String, _ spending: QuotaSpending) async throws(ChatError) {
        try await attempt { () async throws(ChatError) in try await base.settle(messageID, spending) }
    }

    public func spend(_ charges: [QuotaCharge]) async throws(ChatError) {
        try await attempt { () async throws(ChatError) in try await base.spend(charges) }
    }

    public func recordUsage(_ record: UsageRecord) async throws(ChatError) {
        try await attempt { () async throws(ChatError) in try await base.recordUsage(record) }
    }

    public func usage(of userID: String, from start: Date, to end: Date) async throws(ChatError) -> [UsageSummary] {
        try await attempt { () async throws(ChatError) in try await base.usage(of: userID, from: start, to: end) }
    }

    public func saveAttachment(_ attachment: Attachment, limit: Int?) async throws(ChatError) {
        try await attempt { () async throws(ChatError) in try await base.saveAttachment(attachment, limit: limit) }
    }

    public func storedBytes(of userID: String) async throws(ChatError) -> Int {
        try await attempt { () async throws(ChatError) in try await base.storedBytes(of: userID) }
    }

    public func deleteUnsentAttachments(olderThan age: Duration, limit: Int) async throws(ChatError) -> [String] {
        try await attempt { () async throws(ChatError) in
            try await base.deleteUnsentAttachments(olderThan: age, limit: limit)
        }
    }

    public func attachments(_ ids: [String], of userID: String) async throws(ChatError) -> [Attachment] {
        try await attempt { () async throws(ChatError) in try await base.attachments(ids, of: userID) }
    }

    public func attachments(
        of userID: String, after id: String?, limit: Int
    ) async throws(ChatError) -> [Attachment] {
        try await attempt { () async throws(ChatError) in
            try await base.attachments(of: userID, after: id, limit: limit)
        }
    }

    public func deleteAttachment(_ id: String, of userID: String) async throws(ChatError) -> Bool {
        try await attempt { () async throws(ChatError) in try await base.deleteAttachment(id, of: userID) }
    }

    public func document(_ name: String, of userID: String) async throws(ChatError) -> String? {
        try await attempt { () async throws(ChatError) in try await base.document(name, of: userID) }
    }

    public func saveDocument(_ name: String, _ json: String, of userID: String) async throws(ChatError) {
        try await attempt { () async throws(ChatError) in try await base.saveDocument(name, json, of: userID) }
    }
}

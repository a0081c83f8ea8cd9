/// The life of runs.
///
/// A run is an assistant message with status `streaming`. It is fenced: ``checkpoint(_:)`` and ``finishRun(_:)``
/// change a row only while it is streaming under the same node and epoch.
public protocol RunStore: Sendable {
    /// Begins a run in one transaction: the conversation if new, the prompt, the answer's row, the lease.
    /// The conversation's active leaf becomes the answer.
    ///
    /// It is refused, and nothing is stored, when the user has ``RunStart/maxActiveRuns`` answers streaming, or one of
    /// ``RunStart/charges`` does not fit; both are looked at last, so that a repeated request is never refused.
    func beginRun(_ start: RunStart) async throws(ChatError) -> RunBeginning

    /// Saves the text of many runs in one transaction and extends their leases.
    func checkpoint(_ checkpoints: [RunCheckpoint]) async throws(ChatError) -> CheckpointResult

    /// Ends a run in one transaction: the answer, its usage and cost, the settling of what it had reserved, and the
    /// conversation's `updatedAt`.
    ///
    /// Usage goes to whoever the answer belongs to by then: a guest may have become somebody.
    /// Attachments of the answer that are the user's and on no other message become its own; others are left out.
    /// What the user thinks of the answer stays as it is stored.
    ///
    /// - Returns: false when the lease was lost.
    func finishRun(_ finish: RunFinish) async throws(ChatError) -> Bool

    /// One answer, streaming or ended, with its fence; nil when it is not the user's.
    func run(_ messageID: String, of userID: String) async throws(ChatError) -> Run?

    /// The user's streaming runs, oldest first; in one conversation when that is given.
    func activeRuns(of userID: String, in conversationID: String?) async throws(ChatError) -> [Run]

    /// Leaves a durable word that the run shall stop; the owner of the run finds it at its next checkpoint.
    /// False when it is not the user's or not streaming.
    func requestStop(_ messageID: String, of userID: String) async throws(ChatError) -> Bool
}

/// What beginning a run takes.
public struct RunStart: Sendable {
    public var userID: String
    public var conversationID: String
    /// The title of a conversation that is to be made; nil when it must exist.
    public var newConversationTitle: String?
    /// The prompt. Nil when an existing prompt, the answer's parent, is answered anew.
    public var prompt: Message?
    /// The answer's row, streaming, empty.
    public var answer: Message
    /// Whether the prompt's parent is the conversation's active leaf at that moment, whatever `prompt` says.
    public var continuesActiveBranch: Bool
    public var requestID: String?
    /// A hash of what was asked, to tell a repeated request from another one under the same id.
    public var requestHash: String
    public var node: String
    public var leaseEpoch: Int
    public var lease: Duration
    /// How many answers of the user may be streaming, this one included; nil is no limit.
    public var maxActiveRuns: Int?
    /// What the run may come to, reserved until it ends.
    public var charges: [QuotaCharge]
    /// How many bytes are read of the branch, of text, thinking, sources, calls and ``ProviderState``: the newest messages,
    /// until they come to so many. More than any model reads, so that no conversation fills the memory. Default 32 MiB.
    public var branchBytes = 32 << 20
    /// The user's own key that it will use; nil when it uses none. ``KeyUse/messageID`` is the answer's.
    public var keyUse: KeyUse?

    public init(
        userID: String,
        conversationID: String,
        newConversationTitle: String?,
        prompt: Message?,
        answer: Message,
        continuesActiveBranch: Bool,
        requestID: String?,
        requestHash: String,
        node: String,
        leaseEpoch: Int,
        lease: Duration,
        maxActiveRuns: Int? = nil,
        charges: [QuotaCharge] = [],
        keyUse: KeyUse? = nil
    ) {
        self.userID = userID
        self.conversationID = conversationID
        self.newConversationTitle = newConversationTitle
        self.prompt = prompt
        self.answer = answer
        self.continuesActiveBranch = continuesActiveBranch
        self.requestID = requestID
        self.requestHash = requestHash
        self.node = node
        self.leaseEpoch = leaseEpoch
        self.lease = lease
        self.maxActiveRuns = maxActiveRuns
        self.charges = charges
        self.keyUse = keyUse
    }
}

/// The messages before an answer.
public struct RunBranch: Sendable {
    /// Oldest first, prompt included.
    public var messages: [Message]
    /// How many came before them and were left where they are; see ``RunStart/branchBytes``.
    public var omitted: Int

    public init(messages: [Message], omitted: Int) {
        self.messages = messages
        self.omitted = omitted
    }
}

/// How beginning a run went.
public enum RunBeginning: Sendable {
    /// Begun. The conversation as it is now, and the branch the answer hangs on.
    case begun(Conversation, RunBranch)
    /// This request id was seen before with the same hash: that run.
    case duplicate(Run)
    /// This request id was seen before with another hash.
    case conflict
    /// An answer is being written on this branch: its message id.
    case busy(String)
    /// The conversation, parent or attachment is unknown or foreign. What, for the message.
    case notFound(String)
    /// The user has so many answers streaming that no other may begin.
    case tooManyRuns(Int)
    /// A quota has not enough left for the run: that quota, as it is.
    case quotaExceeded(QuotaUse)
}

/// An answer and who writes it.
public struct Run: Sendable, Hashable {
    public var message: Message
    public var userID: String
    public var requestID: String?
    public var node: String
    public var leaseEpoch: Int
    /// Whether somebody asked to stop it.
    public var isStopRequested: Bool

    public init(
        message: Message, userID: String, requestID: String?, node: String, leaseEpoch: Int, isStopRequested: Bool
    ) {
        self.message = message
        self.userID = userID
        self.requestID = requestID
        self.node = node
        self.leaseEpoch = leaseEpoch
        self.isStopRequested = isStopRequested
    }
}

/// The fence every write of a run passes.
public struct RunFence: Sendable, Hashable {
    public var messageID: String
    public var node: String
    public var leaseEpoch: Int

    public init(messageID: String, node: String, leaseEpoch: Int) {
        self.messageID = messageID
        self.node = node
        self.leaseEpoch = leaseEpoch
    }
}

/// The state of a running answer.
public struct RunCheckpoint: Sendable {
    public var fence: RunFence
    public var lease: Duration
    /// Nil when only the lease is to be extended.
    public var progress: Progress?

    /// What the answer has come to.
    public struct Progress: Sendable {
        public var content: String
        public var thinkingText: String?
        public var thinkingDuration: Int?
        /// The last sequence number `content` and `thinkingText` hold.
        public var materializedSeq: Int

        public init(content: String, thinkingText: String?, thinkingDuration: Int?, materializedSeq: Int) {
            self.content = content
            self.thinkingText = thinkingText
            self.thinkingDuration = thinkingDuration
            self.materializedSeq = materializedSeq
        }
    }

    public init(fence: RunFence, lease: Duration, progress: Progress?) {
        self.fence = fence
        self.lease = lease
        self.progress = progress
    }
}

/// What became of checkpoints.
public struct CheckpointResult: Sendable, Hashable {
    /// The message ids that did not take: another node has them, or they ended.
    public var lost: Set<String>
    /// Those of the others that somebody asked to stop.
    public var stopRequested: Set<String>

    public init(lost: Set<String> = [], stopRequested: Set<String> = []) {
        self.lost = lost
        self.stopRequested = stopRequested
    }
}

/// The end of a run.
public struct RunFinish: Sendable {
    public var fence: RunFence
    /// The answer as it is to be stored: status, content, usage, cost, failure and all. ``Message/materializedSeq`` is the
    /// terminal event's.
    public var answer: Message
    /// What to count, or nil when the provider was never asked.
    public var usage: UsageRecord?
    /// What the run came to, in place of what it had reserved.
    public var spending: QuotaSpending

    public init(
        fence: RunFence, answer: Message, usage: UsageRecord?, spending: QuotaSpending = QuotaSpending()
    ) {
        self.fence = fence
        self.answer = answer
        self.usage = usage
        self.spending = spending
    }
}

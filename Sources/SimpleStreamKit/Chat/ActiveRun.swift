import Synchronization

/// A run this node works on.
final class ActiveRun: Sendable {
    /// Why a run is to end before its provider does.
    enum Stop: Sendable {
        /// The user wants no more.
        case user
        /// The provider has been silent for too long.
        case stalled
        /// The node goes down.
        case draining
        /// Another node has the run now.
        case lost
        /// The conversation is gone.
        case deleted
    }

    struct Live {
        var state: RunState
        var stop: Stop?
        var task: Task<Void, any Error>?
        /// Stores the end.
        var finishing: Task<Void, Never>?
        /// Whether the node goes down, whatever else ends the run.
        var isLeaving = false
        /// Whether no store is waited for any more.
        var isGivenUp = false
        var lastActivity: ContinuousClock.Instant
        /// When the lease was last known to hold.
        var leased: ContinuousClock.Instant
        /// The last sequence number a checkpoint holds, and how many bytes it held.
        var savedSeq = 0
        var savedBytes = 0
        /// The last sequence number that the run log did not take.
        var unloggedSeq = 0
        /// What the provider was asked last; nil when it was not.
        var prompt: Prompt?
        /// Whether the operator's key pays.
        var isOnOperatorKey = false
    }

    let identity: RunIdentity
    /// Where its frames are published.
    let channel: String
    let fence: RunFence
    let request: ChatRequest
    /// What the provider is asked with; an error when the user's key does not open, nil when there is no key.
    let credential: Result<ChatService.ChosenCredential?, ChatError>
    /// What was reserved when it began.
    let charges: [QuotaCharge]
    let ticket: RunTicket
    /// The branch the answer hangs on, oldest first, prompt included.
    let branch: [Message]
    /// How many messages before those are more than is sent to a model.
    let omittedMessages: Int
    let live: Mutex<Live>

    init(
        identity: RunIdentity,
        fence: RunFence,
        request: ChatRequest,
        credential: Result<ChatService.ChosenCredential?, ChatError>,
        charges: [QuotaCharge],
        ticket: RunTicket,
        branch: [Message],
        omittedMessages: Int,
        now: ContinuousClock.Instant
    ) {
        self.identity = identity
        channel = ChatService.channel(ofConversation: identity.conversationID)
        self.fence = fence
        self.request = request
        self.credential = credential
        self.charges = charges
        self.ticket = ticket
        self.branch = branch
        self.omittedMessages = omittedMessages
        live = Mutex(Live(state: RunState(identity), lastActivity: now, leased: now))
    }

    var stopReason: Stop? { live.withLock { $0.stop } }

    /// Whether the lease, of that length, is known to hold.
    func isLeased(for lease: Duration) -> Bool {
        let now = ContinuousClock.now
        return live.withLock { $0.leased + lease > now }
    }

    /// Takes a batch; nil when the run is to stop.
    func apply(_ batch: [ReplyEvent]) -> [Frame]? {
        let now = ContinuousClock.now
        return live.withLock { live in
            guard live.stop == nil else { return nil }
            live.lastActivity = now
            return live.state.apply(batch, at: now)
        }
    }

    /// - Throws: `provider_protocol` when the answer became too long.
    func checkLength() throws(ChatError) {
        guard live.withLock({ $0.state.isTooLong }) else { return }
        throw ChatError(.providerProtocol, "The answer is longer than \(RunState.maxBytes >> 20) MiB.")
    }

    /// Ends the provider's stream. The first reason holds, but a run that is not ours any more is nothing else, and one
    /// whose conversation is gone only looks as if another node had it.
    func stop(_ reason: Stop) {
        let task = live.withLock { live in
            if reason == .draining { live.isLeaving = true }
            if live.stop == nil || reason == .deleted || reason == .lost && live.stop != .deleted { live.stop = reason }
            return live.task
        }
        task?.cancel()
    }

    /// Remembers the task that talks to the provider, and stops it when that was asked for before.
    func started(_ task: Task<Void, any Error>) {
        let mustStop = live.withLock { live in
            live.task = task
            return live.stop != nil
        }
        if mustStop { task.cancel() }
    }

    /// Remembers the task that stores the end, and cancels it when nobody waits for that any more.
    func finishing(by task: Task<Void, Never>) {
        let isGivenUp = live.withLock { live in
            live.finishing = task
            return live.isGivenUp
        }
        if isGivenUp { task.cancel() }
    }

    /// Waits for no store any more that keeps the end waiting.
    func giveUp() {
        let task = live.withLock { live in
            live.isGivenUp = true
            return live.finishing
        }
        task?.cancel()
    }

    /// The checkpoint that is due, and the number it brings the store to; nil when none is. With `force` one always is.
    ///
    /// Text that is saved again costs its length, so a long answer is saved when an eighth of it is new: all saves of an
    /// answer together cost a small multiple of it. The journal and the run log hold the rest.
    func checkpoint(lease: Duration, at now: ContinuousClock.Instant, force: Bool) -> (RunCheckpoint, seq: Int)? {
        live.withLock { live in
            let unsaved = live.state.bytes - live.savedBytes
            let isDirty = live.state.seq > live.savedSeq
            let isWorth =
                force || live.state.bytes < 64 << 10 || unsaved * 8 >= live.state.bytes
                || live.unloggedSeq > live.savedSeq
            if isDirty && isWorth {
                let progress = RunCheckpoint.Progress(
                    content: live.state.content,
                    thinkingText: live.state.thinking.isEmpty ? nil : live.state.thinking,
                    thinkingDuration: live.state.thinkingDuration,
                    materializedSeq: live.state.seq
                )
                return (RunCheckpoint(fence: fence, lease: lease, progress: progress), live.state.seq)
            }
            // Every second at least, because that is also how a wish to stop from another process is heard.
            guard force || live.leased + min(lease / 3, .seconds(1)) <= now else { return nil }
            return (RunCheckpoint(fence: fence, lease: lease, progress: nil), live.savedSeq)
        }
    }

    /// A checkpoint up to `seq` was stored, begun at `start`.
    func saved(upTo seq: Int, at start: ContinuousClock.Instant) {
        live.withLock { live in
            live.leased = max(live.leased, start)
            guard seq > live.savedSeq else { return }
            live.savedSeq = seq
            live.savedBytes = live.state.bytes
        }
    }
}

import DequeModule
import Synchronization

/// What waits to be sent to one reader: bounded, and never in the writer's way.
///
/// Frames come in from the threads of runs and leave when the reader takes them. A reader that is behind by more than the
/// high-water mark gets neighbours joined; one behind by more than the limit is ``isOverflowing`` and is to be closed: it
/// resumes by sequence number. Each numbered frame passes its run's resume window, so it is handed out once and in order.
public final class Mailbox: Sendable {
    /// How much may wait.
    public struct Limits: Sendable {
        /// From this many waiting bytes on, neighbours are joined. Default 64 KiB.
        public var highWater: Int
        /// The most that may wait, in bytes. Default 1 MiB.
        public var limit: Int

        public init(highWater: Int = 64 << 10, limit: Int = 1 << 20) {
            self.highWater = highWater
            self.limit = limit
        }
    }

    struct State {
        /// Each element is one frame, or several to be joined because the reader is slow.
        var waiting: Deque<[Frame]> = []
        var bytes = 0
        /// What may wait beyond the limit until the next take, because it is no fault of the reader's: a frame longer than
        /// the limit, or what a reader that came back lacks.
        var allowance = 0
        var windows: [String: ResumeWindow] = [:]
        /// By what channels the runs in `windows` come.
        var channels: [String: String] = [:]
        /// Frames that arrived while older ones of their run are being read.
        var held: [String: [Frame]] = [:]
        /// Runs whose end the reader has: the same end may come again from another place.
        var ended: Set<String> = []
        var endedOrder: Deque<String> = []
        /// How far runs were at the last looks.
        var looks: [String: Look] = [:]
        var subscriptions: [String: Subscription] = [:]
        /// What it is subscribed to, or about to be: what still comes from elsewhere is not wanted any more.
        var joined: Set<String> = []
        var isSignalled = false
        var isClosed = false
        var isOverflowing = false

        /// What the reader has of a run counts no more.
        mutating func forget(_ messageID: String) {
            windows[messageID] = nil
            channels[messageID] = nil
        }
    }

    struct Look {
        var seq: Int
        /// At how many looks in a row the run was there.
        var count = 0
    }

    /// The connection's id.
    public let id: String
    /// Whose events it gets.
    public let userID: String
    private let limits: Limits
    private let onReady: @Sendable () -> Void
    private let onGap: @Sendable (_ mailbox: Mailbox, _ messageID: String, _ seq: Int) -> Void
    private let state = Mutex(State())

    /// Makes an empty mailbox.
    ///
    /// - Parameters:
    ///   - onReady: called when there is something to take, once until ``take()`` was called, and once more when the
    ///     mailbox overflows. Called on a run's thread.
    ///   - onGap: called when frames of a run are missing after a sequence number.
    init(
        id: String,
        userID: String,
        limits: Limits,
        onReady: @escaping @Sendable () -> Void,
        onGap: @escaping @Sendable (_ mailbox: Mailbox, _ messageID: String, _ seq: Int) -> Void
    ) {
        self.id = id
        self.userID = userID
        self.limits = limits
        self.onReady = onReady
        self.onGap = onGap
    }

    /// Whether the reader is too far behind.
    public var isOverflowing: Bool { state.withLock { $0.isOverflowing } }
    /// Whether nothing arrives any more.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Everything that waits, and allows the next call of `onReady`.
    public func take() -> [Frame] {
        state.withLock { state in
            state.isSignalled = false
            state.allowance = 0
            defer {
                state.waiting.removeAll(keepingCapacity: true)
                state.bytes = state.held.values.joined().reduce(0) { $0 + $1.json.count }
            }
            return state.waiting.compactMap { Frame.joining($0) }
        }
    }

    /// Ends all subscriptions. Nothing arrives any more.
    public func close() {
        let subscriptions = state.withLock { state in
            let subscriptions = state.subscriptions
            state = State()
            state.isClosed = true
            return subscriptions
        }
        for subscription in subscriptions.values { subscription.cancel() }
    }

    /// Puts frames in.
    package func post(_ frames: [Frame]) {
        act { state in
            var gaps: [Gap] = []
            for frame in frames { admit(frame, &state, &gaps) }
            return gaps
        }
    }

    /// Puts frames in that were published on a channel.
    private func post(_ frames: [Frame], from channel: String) {
        act { state in
            var gaps: [Gap] = []
            guard state.joined.contains(channel) else { return gaps }
            for frame in frames { admit(frame, &state, &gaps) }
            // What is published at once is of one run.
            if let id = frames.first?.messageID, state.channels[id] == nil, state.windows[id] != nil {
                state.channels[id] = channel
            }
            return gaps
        }
    }

    private typealias Gap = (messageID: String, seq: Int)

    /// Changes the state under the lock, then calls back what the change asks for.
    private func act(_ change: (inout State) -> [Gap]) {
        let (mustSignal, gaps) = state.withLock { state -> (Bool, [Gap]) in
            guard !state.isClosed, !state.isOverflowing else { return (false, []) }
            let gaps = change(&state)
            return (signal(&state), gaps)
        }
        if mustSignal { onReady() }
        for gap in gaps { onGap(self, gap.messageID, gap.seq) }
    }

    private func admit(_ frame: Frame, _ state: inout State, _ gaps: inout [Gap]) {
        guard frame.kind != .notice else {
            if frame.senderID != id { enqueue(frame, &state) }
            return
        }
        // Also what a node says that does not know yet that the run was ended by another.
        if state.ended.contains(frame.messageID) { return }
        switch state.windows[frame.messageID, default: ResumeWindow(after: 0)].arrived(frame) {
        case .deliver:
            enqueue(frame, &state)
            if frame.kind == .terminal { end(frame.messageID, &state) }
        case .ignore:
            break
        case .hold:
            hold(frame, &state)
        case .replay(let seq):
            hold(frame, &state)
            gaps.append((frame.messageID, seq))
        }
    }

    private func enqueue(_ frame: Frame, _ state: inout State) {
        guard state.bytes <= limits.limit + state.allowance else { return overflow(&state) }
        if frame.json.count > limits.limit { state.allowance = max(state.allowance, frame.json.count) }
        state.bytes += frame.json.count
        if state.bytes > limits.highWater, let last = state.waiting.last?.last, last.canJoin(frame) {
            // Joined, it costs little more than its delta.
            state.bytes -= frame.json.count - frame.delta.count
            state.waiting[state.waiting.count - 1].append(frame)
        } else {
            state.waiting.append([frame])
        }
    }

    /// How many ends are remembered: for those that may still be on their way, not for all that ever were.
    private static let rememberedEnds = 64

    private func end(_ messageID: String, _ state: inout State) {
        state.forget(messageID)
        if state.ended.insert(messageID).inserted { state.endedOrder.append(messageID) }
        if state.endedOrder.count > Self.rememberedEnds, let oldest = state.endedOrder.popFirst() {
            state.ended.remove(oldest)
        }
    }

    private func hold(_ frame: Frame, _ state: inout State) {
        guard state.bytes <= limits.limit + state.allowance else { return overflow(&state) }
        state.held[frame.messageID, default: []].append(frame)
        state.bytes += frame.json.count
    }

    private func overflow(_ state: inout State) {
        state.isOverflowing = true
        // A reader that does not take cannot see it: it is told once more.
        state.isSignalled = false
        state.waiting = []
        state.held = [:]
        state.bytes = 0
    }

    /// Whether `onReady` is to be called.
    private func signal(_ state: inout State) -> Bool {
        guard !state.isSignalled, !state.waiting.isEmpty || state.isOverflowing else { return false }
        state.isSignalled = true
        return true
    }
}

// MARK: - Resuming

extension Mailbox {
    /// Holds what arrives of a run until ``caughtUp(_:with:to:isOver:)``.
    ///
    /// Returns false when it is being read already, or what was missing has come.
    ///
    /// - Parameter channel: where the run is published; nil when the run is followed already.
    func beginCatchingUp(
        _ messageID: String, on channel: String? = nil, after seq: Int, _ reason: CatchUpReason
    ) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            let window = state.windows[messageID]
            switch reason {
            case .gap: return window?.isCatchingUp == true
            case .asked where window?.isCatchingUp == true: return false
            // Also one that is not followed any more.
            case .silence where window != ResumeWindow(after: seq): return false
            default: break
            }
            state.windows[messageID] = ResumeWindow(after: seq, isCatchingUp: true)
            if let channel { state.channels[messageID] = channel }
            return true
        }
    }

    /// Whether the reader still waits for older frames of a run.
    func isReading(_ messageID: String) -> Bool {
        state.withLock { !$0.isOverflowing && $0.windows[messageID]?.isCatchingUp == true }
    }

    /// The number a reader that has `seq` must be brought to, so that no hole is left before what is held.
    func needed(of messageID: String, after seq: Int) -> Int {
        state.withLock { max(seq, ($0.held[messageID]?.first?.fromSeq ?? 1) - 1) }
    }

    /// Older frames cannot be read now. The next frame, or the reader, asks for them again.
    func stopCatchingUp(_ messageID: String) {
        state.withLock { state in
            state.forget(messageID)
            release(messageID, &state)
        }
    }

    /// There is no such run any more: its end is all that is still told.
    func runIsGone(_ messageID: String) {
        caughtUp(messageID, with: [], to: ResumeWindow.beyondAll, isOver: false)
    }

    /// Runs that said nothing since the last looks, and what the reader has of them: named at the first, second and fourth
    /// look, then at every fourth.
    func silentRuns() -> [(messageID: String, seq: Int)] {
        state.withLock { state in
            var silent: [(messageID: String, seq: Int)] = []
            var looks: [String: Look] = [:]
            for (id, window) in state.windows where !window.isCatchingUp && window.last < ResumeWindow.beyondAll {
                var look = Look(seq: window.last)
                if let before = state.looks[id], before.seq == window.last { look.count = before.count + 1 }
                if look.count == 1 || look.count == 2 || look.count > 0 && look.count % 4 == 0 {
                    silent.append((id, window.last))
                }
                looks[id] = look
            }
            state.looks = looks
            return silent
        }
    }

    /// Hands the reader `frames`, which bring it up to `seq`, and then what was held. Nothing when it has left meanwhile.
    func caughtUp(_ messageID: String, with frames: [Frame], to seq: Int, isOver: Bool) {
        act { state in
            guard state.windows[messageID]?.isCatchingUp == true else { return [] }
            state.allowance = max(state.allowance, frames.reduce(0) { $0 + $1.json.count })
            for frame in frames { enqueue(frame, &state) }
            let held = release(messageID, &state)
            guard !isOver else {
                end(messageID, &state)
                return []
            }
            state.windows[messageID, default: ResumeWindow(after: seq)].caughtUp(to: seq)
            var gaps: [Gap] = []
            for frame in held { admit(frame, &state, &gaps) }
            return gaps
        }
    }

    @discardableResult
    private func release(_ messageID: String, _ state: inout State) -> [Frame] {
        let held = state.held.removeValue(forKey: messageID) ?? []
        state.bytes -= held.reduce(0) { $0 + $1.json.count }
        return held
    }

    /// Receives what is published on `channel`, once.
    func subscribe(to channel: String, of pubSub: any PubSub) {
        let isNew = state.withLock { state in
            guard !state.isClosed, state.subscriptions[channel] == nil else { return false }
            state.joined.insert(channel)
            return true
        }
        guard isNew else { return }
        let subscription = pubSub.subscribe(to: channel) { [weak self] frames in self?.post(frames, from: channel) }
        let surplus = state.withLock { state -> Subscription? in
            guard !state.isClosed, state.joined.contains(channel), state.subscriptions[channel] == nil else {
                return subscription
            }
            state.subscriptions[channel] = subscription
            return nil
        }
        surplus?.cancel()
    }

    /// ``subscribe(to:of:)``, and returns when what is published from now on is received, on whatever node it is.
    func follow(_ channel: String, of pubSub: any PubSub) async {
        subscribe(to: channel, of: pubSub)
        await state.withLock { $0.subscriptions[channel] }?.active()
    }

    /// Receives nothing more that is published on `channel`, and forgets the runs that came by it: they are not looked
    /// after any more.
    func unsubscribe(from channel: String) {
        let subscription = state.withLock { state in
            state.joined.remove(channel)
            for (messageID, origin) in state.channels where origin == channel {
                state.forget(messageID)
                release(messageID, &state)
            }
            return state.subscriptions.removeValue(forKey: channel)
        }
        subscription?.cancel()
    }

    /// How many channels it is subscribed to.
    package var subscriptionCount: Int { state.withLock { $0.subscriptions.count } }
}

public import Logging
import Synchronization

/// The engine: takes requests, lets providers answer, numbers, logs, stores and hands out what they say.
///
/// A run belongs to the service, not to who asked: it goes on when the reader leaves, can be followed from anywhere by
/// the same user, is stopped by ``stop(_:of:)`` only, and always ends with one terminal event.
///
/// Work is done while ``run()`` runs, or inside ``whileRunning(_:)``:
/// ```swift
/// let chat = ChatService(providers: [EchoProvider()])
/// try await chat.whileRunning {
///     for try await event in try await chat.reply(to: ChatRequest("Hello", provider: "demo"), of: "me") {
///         print(event)
///     }
/// }
/// ```
public final class ChatService: Sendable {
    struct Live {
        var runs: [String: ActiveRun] = [:]
        /// Requests that are being begun.
        var beginning = 0
        var isDraining = false
        var whenIdle: [CheckedContinuation<Void, Never>] = []
        /// Ending the runs of an earlier process: under way or done.
        var recovery: Task<Result<Void, ChatError>, Never>?
        /// Whether a run's end could not be stored, so that only the journal has it.
        var needsJournal = false
    }

    /// Background work.
    enum Job: Sendable {
        case answer(ActiveRun)
        case catchUp(Mailbox, messageID: String, after: Int, CatchUpReason)
        case look([ActiveRun])
        case title(ActiveRun, answer: String)
    }

    public let configuration: ChatConfiguration
    /// Where everything is kept. Reading it directly is fine; what changes conversations goes through the service.
    public let store: any Store
    public let blobs: any BlobStore
    public let vault: (any KeyVault)?
    public let catalog: ModelCatalog
    /// What limits are counted with.
    public let counters: any Counters
    let pubSub: any PubSub
    let runLog: any RunLog
    let journal: Journal?
    /// In the order they were given.
    public let providers: [any ChatProvider]
    let operatorCredentials: [String: Credential]
    let logger: Logger
    let liveModels = LiveModelLists()
    package let tally = RunTally()
    let live = Mutex(Live())
    /// Those that may follow runs of other nodes.
    let mailboxes = Mutex<[WeakMailbox]>([])
    /// Saves one after the other: of two of one run the later must win.
    let saving = Turns()
    let jobs: AsyncStream<Job>
    let enqueue: AsyncStream<Job>.Continuation

    /// Makes a service. Every adapter has an in-process default.
    ///
    /// - Parameters:
    ///   - journal: nil keeps text that is younger than a checkpoint only in memory.
    ///   - vault: opens users' keys; nil when users cannot bring their own.
    ///   - operatorCredentials: by provider name, for users without a key of their own. A provider that needs no key has
    ///     `Credential.none` here. Nil means that no provider needs one.
    public init(
        configuration: ChatConfiguration = ChatConfiguration(),
        providers: [any ChatProvider],
        operatorCredentials: [String: Credential]? = nil,
        store: any Store = InMemoryStore(),
        blobs: any BlobStore = InMemoryBlobStore(),
        pubSub: any PubSub = InProcessPubSub(),
        runLog: any RunLog = InProcessRunLog(),
        counters: any Counters = InProcessCounters(),
        journal: Journal? = nil,
        vault: (any KeyVault)? = nil,
        catalog: ModelCatalog = .standard,
        logger: Logger = Logger(label: "simple-stream")
    ) {
        self.configuration = configuration
        self.providers = providers
        self.operatorCredentials =
            operatorCredentials ?? Dictionary(providers.map { ($0.name, .none) }) { first, _ in first }
        self.store = store
        self.blobs = blobs
        self.pubSub = pubSub
        self.runLog = runLog
        self.counters = counters
        self.journal = journal
        self.vault = vault
        self.catalog = catalog
        self.logger = logger
        (jobs, enqueue) = AsyncStream.makeStream(of: Job.self)
    }

    /// Ends the runs an earlier process of this node left behind. Done once, before anything else.
    ///
    /// ``run()`` and the first request do so by themselves; a server that must not listen before does it earlier.
    ///
    /// - Throws: `storage_unavailable`; then calling it again tries again.
    public func recover() async throws(ChatError) {
        let recovery = live.withLock { live in
            // Unstructured, because whoever asks first must not take it along when it is cancelled; awaited below.
            let recovery =
                live.recovery
                ?? Task {
                    do throws(ChatError) {
                        return .success(try await self.endOldRuns())
                    } catch {
                        return .failure(error)
                    }
                }
            live.recovery = recovery
            return recovery
        }
        let result = await recovery.value
        if case .failure = result { live.withLock { $0.recovery = nil } }
        try result.get()
    }

    /// Works until the task is cancelled or ``drain(within:)`` has ended.
    ///
    /// - Throws: `storage_unavailable` when the store or the journal cannot be read at the start.
    public func run() async throws {
        let control = listenToOtherNodes()
        defer { control.cancel() }
        try await recover()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.saveRepeatedly() }
            group.addTask { await self.reapRepeatedly() }
            group.addTask { await self.watchRepeatedly() }
            for await job in jobs {
                group.addTask { await self.carryOut(job) }
            }
            group.cancelAll()
        }
    }

    /// Runs the service while `body` does, then drains it for at most ten seconds.
    public func whileRunning<R: Sendable>(_ body: @Sendable () async throws -> R) async throws -> R {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            let result: R
            do {
                result = try await body()
            } catch {
                await drain(within: .seconds(10))
                throw error
            }
            await drain(within: .seconds(10))
            try await group.waitForAll()
            return result
        }
    }

    private func carryOut(_ job: Job) async {
        switch job {
        case .answer(let run): await answer(run)
        case .catchUp(let mailbox, let messageID, let seq, let reason):
            await catchUp(mailbox, messageID: messageID, after: seq, reason)
        case .look(let runs): _ = await save(runs, force: true)
        case .title(let run, let text): await makeTitle(for: run, answer: text)
        }
    }
}

// MARK: - Draining

extension ChatService {
    /// Whether new requests are refused because the service ends.
    public var isDraining: Bool { live.withLock { $0.isDraining } }

    /// How many answers are running here.
    public var activeRunCount: Int { live.withLock { $0.runs.count } }

    /// How long storing the ends of interrupted runs may take when the service is drained.
    private static let storingTime = Duration.seconds(2)

    /// Takes no new requests, lets running answers end for at most `limit`, stores the rest as interrupted, and ends
    /// ``run()``. Cancelling the task interrupts the running answers at once.
    ///
    /// What a store out of reach does not take within two seconds more is left to the journal: the next start of the node
    /// ends those runs. A call that the store has taken on already is waited for as long as the store waits for it.
    public func drain(within limit: Duration) async {
        live.withLock { $0.isDraining = true }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled when the runs ended before.
                try? await Task.sleep(for: limit)
                for run in self.activeRuns { run.stop(.draining) }
                guard (try? await Task.sleep(for: Self.storingTime)) != nil else { return }
                for run in self.activeRuns { run.giveUp() }
                // Ends the background work: what it wants from the store keeps others waiting.
                self.enqueue.finish()
            }
            await idle()
            group.cancelAll()
        }
        enqueue.finish()
    }

    /// Returns when no run is active or being begun.
    private func idle() async {
        await withCheckedContinuation { continuation in
            let isIdle = live.withLock { live in
                if live.runs.isEmpty && live.beginning == 0 { return true }
                live.whenIdle.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Forgets a run that has ended, or a request that began none.
    func ended(_ messageID: String? = nil, beginning: Int = 0) {
        let waiting = live.withLock { live -> [CheckedContinuation<Void, Never>] in
            live.beginning -= beginning
            if let messageID { live.runs[messageID] = nil }
            guard live.runs.isEmpty, live.beginning == 0 else { return [] }
            defer { live.whenIdle = [] }
            return live.whenIdle
        }
        for continuation in waiting { continuation.resume() }
    }

    static func channel(ofConversation id: String) -> String { "conv:\(id)" }
    static func channel(ofUser id: String) -> String { "user:\(id)" }
}

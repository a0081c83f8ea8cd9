/// How the engine behaves. The defaults suit one node.
public struct ChatConfiguration: Sendable {
    /// This node's name: the same after a restart, different from every other node's.
    public var node: String
    /// How long a run stays this node's without a word from it. Default 10 s.
    public var lease: Duration
    /// How often running answers are saved. Default 250 ms.
    public var checkpointInterval: Duration
    /// How often runs of dead nodes are looked for. What is abandoned at two looks in a row is ended. Default 2 s.
    public var reaperInterval: Duration
    /// Whether runs whose lease has run out are ended at the start, at one look: for programs that come and go, with a
    /// store on the same machine. Default false.
    public var reapsAtStart: Bool
    /// How often answers of other nodes that are followed here and silent are looked for in the store. Default 500 ms.
    public var watchInterval: Duration
    /// Directories of other nodes' journals on this machine. When such a node is gone, the end of its runs' text is there.
    public var otherJournals: [String]
    /// How long a provider may stay silent before its first event. Default 300 s; 600 s for ``slowProviders``.
    public var firstEventTimeout: Duration
    /// How long a provider may stay silent between events. Default 300 s; 600 s for ``slowProviders``.
    public var idleTimeout: Duration
    /// Providers that get twice the time, because they compute on small machines. Default `local`.
    public var slowProviders: Set<String>
    /// What holds for single providers in place of the two times above, by name.
    public var patience: [String: Patience]
    /// How often a request is tried before its first event. Default 3.
    public var maxAttempts: Int
    /// The longest a provider may ask to wait before the next try. Default 30 s.
    public var maxRetryDelay: Duration
    /// How many answers one user may have running on all nodes; nil is no limit. Default nil.
    public var maxRunsPerUser: Int?
    /// What users may spend on the operator's keys. Default unlimited.
    public var usage: UsageLimits
    /// How large one request may be.
    public var sizes: SizeLimits
    /// How long an ended run's frames are kept for readers that come back. Default 1 h.
    public var logRetention: Duration
    public var mailbox: Mailbox.Limits
    /// Whether conversations get titles from a cheap model of the same provider. Default true.
    public var makesTitles: Bool

    public init(
        node: String? = nil,
        lease: Duration = .seconds(10),
        checkpointInterval: Duration = .milliseconds(250),
        reaperInterval: Duration = .seconds(2),
        reapsAtStart: Bool = false,
        watchInterval: Duration = .milliseconds(500),
        otherJournals: [String] = [],
        firstEventTimeout: Duration = .seconds(300),
        idleTimeout: Duration = .seconds(300),
        slowProviders: Set<String> = ["local"],
        patience: [String: Patience] = [:],
        maxAttempts: Int = 3,
        maxRetryDelay: Duration = .seconds(30),
        maxRunsPerUser: Int? = nil,
        usage: UsageLimits = .unlimited,
        sizes: SizeLimits = SizeLimits(),
        logRetention: Duration = .seconds(3600),
        mailbox: Mailbox.Limits = Mailbox.Limits(),
        makesTitles: Bool = true
    ) {
        self.node = node ?? UUIDv7.make()
        self.lease = lease
        self.checkpointInterval = checkpointInterval
        self.reaperInterval = reaperInterval
        self.reapsAtStart = reapsAtStart
        self.watchInterval = watchInterval
        self.otherJournals = otherJournals
        self.firstEventTimeout = firstEventTimeout
        self.idleTimeout = idleTimeout
        self.slowProviders = slowProviders
        self.patience = patience
        self.maxAttempts = maxAttempts
        self.maxRetryDelay = maxRetryDelay
        self.maxRunsPerUser = maxRunsPerUser
        self.usage = usage
        self.sizes = sizes
        self.logRetention = logRetention
        self.mailbox = mailbox
        self.makesTitles = makesTitles
    }
}

extension ChatConfiguration {
    /// How long one provider may stay silent.
    public struct Patience: Sendable, Hashable {
        /// Before its first event.
        public var firstEvent: Duration
        /// Between events.
        public var idle: Duration

        public init(firstEvent: Duration, idle: Duration) {
            self.firstEvent = firstEvent
            self.idle = idle
        }
    }

    /// How long the provider called `name` may stay silent.
    func patience(with name: String) -> Patience {
        if let own = patience[name] { return own }
        let factor = slowProviders.contains(name) ? 2 : 1
        return Patience(firstEvent: firstEventTimeout * factor, idle: idleTimeout * factor)
    }
}

import SimpleStreamKit
import Synchronization
import TestSupport

/// Two services on one store, one run log and a bus that can be cut.
struct TwoNodes: Sendable {
    let a: EngineHarness
    let b: EngineHarness
    let bus: Bus
    let log: UnreliableLog

    static func run(
        store: any Store = InMemoryStore(),
        log: UnreliableLog = UnreliableLog(),
        a: ChatConfiguration = configuration("a"),
        b: ChatConfiguration = configuration("b"),
        _ body: @Sendable (TwoNodes) async throws -> Void
    ) async throws {
        let bus = Bus()
        try await EngineHarness.run(a, store: store, pubSub: bus.node(), runLog: log) { first in
            try await EngineHarness.run(b, store: store, pubSub: bus.node(), runLog: log) { second in
                try await first.chat.recover()
                try await second.chat.recover()
                try await body(TwoNodes(a: first, b: second, bus: bus, log: log))
            }
        }
    }

    /// A node that saves and reaps by itself only when it is told to.
    static func configuration(
        _ node: String, saves: Duration = .seconds(3600), reaps: Duration = .seconds(3600),
        watches: Duration = .seconds(3600)
    ) -> ChatConfiguration {
        ChatConfiguration(
            node: node, checkpointInterval: saves, reaperInterval: reaps, watchInterval: watches, makesTitles: false)
    }
}

/// Carries frames between nodes while it is whole; to the node's own readers always.
final class Bus: Sendable {
    private let state = Mutex<(nodes: [Node], isWhole: Bool)>(([], true))

    func node() -> Node {
        let node = Node(bus: self)
        state.withLock { $0.nodes.append(node) }
        return node
    }

    func cut() { state.withLock { $0.isWhole = false } }
    func mend() { state.withLock { $0.isWhole = true } }

    final class Node: PubSub {
        private let local = InProcessPubSub()
        private let bus: Bus

        fileprivate init(bus: Bus) { self.bus = bus }

        func publish(_ frames: [Frame], to channel: String) {
            local.publish(frames, to: channel)
            let others = bus.state.withLock { $0.isWhole ? $0.nodes.filter { $0 !== self } : [] }
            for other in others { other.local.publish(frames, to: channel) }
        }

        func subscribe(to channel: String, _ receive: @escaping @Sendable ([Frame]) -> Void) -> Subscription {
            local.subscribe(to: channel, receive)
        }
    }
}

/// A run log that can be out of reach, and forget everything.
final class UnreliableLog: RunLog {
    private let state: Mutex<(base: InProcessRunLog, isReachable: Bool)>

    init(bytesPerRun: Int = 16 << 20) { state = Mutex((InProcessRunLog(bytesPerRun: bytesPerRun), true)) }

    func set(reachable: Bool) { state.withLock { $0.isReachable = reachable } }
    func forget() { state.withLock { $0.base = InProcessRunLog() } }

    private func base() throws(ChatError) -> InProcessRunLog {
        let (base, isReachable) = state.withLock { $0 }
        guard isReachable else { throw ChatError(.storageUnavailable, "The log is down for a test.") }
        return base
    }

    func append(_ frames: [Frame], to messageID: String) async throws(ChatError) {
        try await base().append(frames, to: messageID)
    }

    func frames(of messageID: String, after seq: Int) async throws(ChatError) -> [Frame]? {
        try await base().frames(of: messageID, after: seq)
    }

    func close(_ messageID: String) async throws(ChatError) { try await base().close(messageID) }

    func expire(_ messageID: String, after delay: Duration) async {
        try? await base().expire(messageID, after: delay)
    }
}

public import Logging
import NIOCore
import NIOPosix
import SimpleStreamKit
import Synchronization

/// The connections of this process to Redis: one for commands, to each node of a cluster that was pointed to, and one that
/// listens.
///
/// ``run()`` keeps them; before it is called nothing is connected and commands wait for as long as they may. Everything
/// that uses Redis shares one client.
public final class RedisClient: Sendable {
    private struct State {
        var links: [RedisConfiguration.Address: CommandLink] = [:]
        /// Which node of a cluster has a slot; empty without a cluster.
        var owners: [Int: RedisConfiguration.Address] = [:]
    }

    /// How often a command is sent elsewhere because a node says so.
    private static let maxRedirections = 4
    /// How many nodes of a cluster are talked to.
    private static let maxNodes = 256

    public let configuration: RedisConfiguration
    let logger: Logger
    /// Names this client in what it publishes.
    let node: [UInt8]
    let subscriber: SubscriberLink
    private let main: CommandLink
    private let loop: any EventLoop
    private let state = Mutex(State())
    private let addresses: AsyncStream<RedisConfiguration.Address>
    private let found: AsyncStream<RedisConfiguration.Address>.Continuation

    public init(_ configuration: RedisConfiguration, logger: Logger = Logger(label: "simple-stream.redis")) {
        self.configuration = configuration
        self.logger = logger
        node = (0..<FrameCoding.nodeSize).map { _ in .random(in: .min ... .max) }
        loop = MultiThreadedEventLoopGroup.singleton.next()
        main = CommandLink(on: loop, configuration)
        (addresses, found) = AsyncStream.makeStream(of: RedisConfiguration.Address.self)
        subscriber = SubscriberLink(on: loop, patience: configuration.appendTimeout, node: node)
    }

    /// Whether Redis takes commands and is listened to.
    public var isUp: Bool { main.isUp && subscriber.isUp }

    /// Changes whenever Redis may have forgotten what it was told.
    var generation: Int { main.generation }

    /// Keeps the connections until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keeper(of: self.subscriber, at: self.configuration.place).run() }
            group.addTask { await self.keeper(of: self.main, at: self.configuration.place).run() }
            for await address in addresses {
                guard let link = state.withLock({ $0.links[address] }) else { continue }
                group.addTask { await self.keeper(of: link, at: .server(address)).run() }
            }
            group.cancelAll()
        }
    }

    /// Connects once for commands, as ``run()`` does, to learn what keeps it from being used.
    ///
    /// - Throws: what is wrong.
    public func probe() async throws(RedisError) {
        let connection = try await keeper(of: main, at: configuration.place).connect()
        connection.close(RedisError(.closed, "Redis has answered."))
    }

    private func keeper(of link: any Link, at place: RedisConfiguration.Place) -> LinkKeeper {
        var logger = logger
        logger[metadataKey: "ss.redis.connection"] = link.isSubscriber ? "subscriber" : "commands"
        return LinkKeeper(
            link: link,
            loop: loop,
            locator: Locator(place: place, tls: configuration.tls, timeout: configuration.connectTimeout),
            handshake: Handshake(
                username: configuration.username,
                password: configuration.password?.reveal(),
                database: configuration.database,
                // A subscriber hears the same on a replica, but one that is asked anew finds the master.
                needsMaster: !link.isSubscriber
            ),
            configuration: configuration,
            logger: logger
        )
    }

    // MARK: Commands

    /// Sends commands in one write and returns their replies, errors among them.
    ///
    /// The timeout bounds the wait; cancelling the task does not end it.
    ///
    /// - Parameter key: what all of them are about; nil when any node will do.
    func send(
        _ commands: [RedisCommand], key: String?, timeout: Duration
    ) async throws(RedisError) -> [RedisValue] {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        var replies = try await answers(to: commands, from: link(for: key), deadline: deadline)
        for _ in 0..<Self.maxRedirections {
            guard let redirection = replies.lazy.compactMap(Redirection.init).first else { break }
            guard let link = follow(redirection) else { break }
            let moved = replies.indices.filter { Redirection(replies[$0]) != nil }
            // ASK holds for the next command only, and asks for a word before it.
            let again = moved.flatMap {
                redirection.isForOnce ? [RedisCommand("ASKING"), commands[$0]] : [commands[$0]]
            }
            let answers = try await answers(to: again, from: link, deadline: deadline)
            for (position, index) in moved.enumerated() {
                replies[index] = answers[redirection.isForOnce ? position * 2 + 1 : position]
            }
        }
        return replies
    }

    /// Sends commands whose replies nobody waits for. Without a connection they are dropped.
    func post(_ commands: [RedisCommand]) {
        // Without memory for them they are lost, as without a connection.
        guard let request = try? Request(commands, deadline: .now() + TimeAmount(configuration.appendTimeout)) else {
            return
        }
        main.submit(request)
    }

    private func answers(
        to commands: [RedisCommand], from link: CommandLink, deadline: NIODeadline
    ) async throws(RedisError) -> [RedisValue] {
        let result = await withCheckedContinuation { continuation in
            do throws(RedisError) {
                link.submit(try Request(commands, deadline: deadline) { continuation.resume(returning: $0) })
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    // MARK: Clusters

    private func link(for key: String?) -> CommandLink {
        guard let key else { return main }
        return state.withLock { state in
            guard !state.owners.isEmpty, let owner = state.owners[ClusterSlot.of(key)] else { return main }
            return state.links[owner] ?? main
        }
    }

    private func follow(_ redirection: Redirection) -> CommandLink? {
        var address = redirection.address
        if address.host.isEmpty {
            // The node that was asked does not know its own name.
            guard case .server(let known) = configuration.place else { return nil }
            address.host = known.host
        }
        return state.withLock { state in
            if !redirection.isForOnce { state.owners[redirection.slot] = address }
            if let link = state.links[address] { return link }
            guard state.links.count < Self.maxNodes else { return nil }
            let link = CommandLink(on: loop, configuration)
            state.links[address] = link
            found.yield(address)
            return link
        }
    }
}

import NIOCore
import SimpleStreamKit
import Synchronization

/// The open sockets of a server: counts them, works for them, and tells them when the server goes.
final class SocketHub: Sendable {
    private struct State {
        var sockets: [String: OpenSocket] = [:]
        /// Event streams, by their mailbox.
        var streams: [String: OpenStream] = [:]
        var byUser: [String: Int] = [:]
        var byAddress: [String: Int] = [:]
        var isDraining = false
    }

    /// A socket as others see it.
    private struct OpenSocket {
        let user: User
        let address: String
        let connection: WebSocketConnection
        let mailbox: Mailbox
    }

    /// An event stream as others see it.
    private struct OpenStream {
        let user: User
        let reader: MailboxReader
    }

    /// Reads the long ones of what clients send.
    let reads = LongReads()
    private let state = Mutex(State())
    private let queues: AsyncStream<CommandQueue>
    private let enqueue: AsyncStream<CommandQueue>.Continuation

    init() { (queues, enqueue) = AsyncStream.makeStream() }

    /// Carries out what sockets ask for, until the task is cancelled or ``finish()`` is called.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await queue in queues {
                group.addTask { await queue.work() }
            }
        }
    }

    /// There are commands in an idle queue.
    func work(on queue: CommandQueue) { enqueue.yield(queue) }

    /// Nothing more will come.
    func finish() { enqueue.finish() }

    // MARK: Counting

    /// Takes a place among the sockets and event streams of a user, if there is one, and an address; nil when there is none left.
    func reserve(for user: User?, address: String, limits: ClientLimits) -> Place? {
        let userID = user?.id
        return state.withLock { state in
            if let userID, state.byUser[userID, default: 0] >= limits.socketsPerUser { return nil }
            guard state.byAddress[address, default: 0] < limits.socketsPerAddress else { return nil }
            if let userID { state.byUser[userID, default: 0] += 1 }
            state.byAddress[address, default: 0] += 1
            return Place(user: user, address: address, hub: self)
        }
    }

    /// How many sockets of an address may be told at the same time that there is no place for them.
    private static let farewells = 32

    /// Takes a place for a socket that is only told that there is none; nil when too many are being told already.
    func reserveFarewell(address: String) -> Place? {
        let key = "farewell \(address)"
        return state.withLock { state in
            guard state.byAddress[key, default: 0] < Self.farewells else { return nil }
            state.byAddress[key, default: 0] += 1
            return Place(user: nil, address: key, hub: self)
        }
    }

    /// A place among the sockets and event streams, given back when nobody holds it.
    final class Place: Sendable {
        /// Nil for a socket of nobody.
        let user: User?
        let address: String
        private let hub: SocketHub
        private let isHeld = Atomic(true)

        var userID: String? { user?.id }

        fileprivate init(user: User?, address: String, hub: SocketHub) {
            self.user = user
            self.address = address
            self.hub = hub
        }

        /// Gives the place back before its holder goes, so that it is free when the peer hears of the end.
        func giveBack() {
            guard isHeld.exchange(false, ordering: .acquiringAndReleasing) else { return }
            hub.state.withLock { state in
                if let userID { state.byUser.decrement(userID) }
                state.byAddress.decrement(address)
            }
        }

        deinit { giveBack() }
    }

    /// How many sockets are open.
    var count: Int { state.withLock { $0.sockets.count } }

    /// How many event streams are open.
    var streamCount: Int { state.withLock { $0.streams.count } }

    // MARK: Telling

    /// Adds a socket; false when the server is about to go.
    func opened(_ connection: WebSocketConnection, mailbox: Mailbox, at place: Place) -> Bool {
        state.withLock { state in
            state.sockets[mailbox.id] = OpenSocket(
                user: place.user ?? .nobody, address: place.address, connection: connection, mailbox: mailbox)
            return !state.isDraining
        }
    }

    func closed(_ id: String) { state.withLock { $0.sockets[id] = nil } }

    /// Tells all sockets, and those that come, that the server goes.
    func announceDraining() {
        let sockets = state.withLock { state in
            state.isDraining = true
            return Array(state.sockets.values)
        }
        for socket in sockets { socket.mailbox.post([Self.draining]) }
    }

    /// Closes all sockets after what waits for them was sent.
    func closeAll(_ code: WebSocketCloseCode) {
        for socket in state.withLock({ Array($0.sockets.values) }) { socket.connection.close(code) }
    }

    // MARK: Revoking

    /// Ends an event stream when what its reader came with lets nobody in any more, as long as the result is held.
    func watch(_ reader: MailboxReader, of user: User) -> WatchedStream {
        state.withLock { $0.streams[reader.mailbox.id] = OpenStream(user: user, reader: reader) }
        return WatchedStream(id: reader.mailbox.id, hub: self)
    }

    /// An event stream that is watched until nobody holds this.
    final class WatchedStream: Sendable {
        private let id: String
        private let hub: SocketHub

        fileprivate init(id: String, hub: SocketHub) {
            self.id = id
            self.hub = hub
        }

        deinit {
            // Released after the lock: it may be the last reference to its mailbox.
            _ = hub.state.withLock { $0.streams.removeValue(forKey: id) }
        }
    }

    /// What the open sockets and streams came with.
    var credentials: Set<Revocation> {
        state.withLock { state in
            Set(state.sockets.values.compactMap(\.user.revocation) + state.streams.values.compactMap(\.user.revocation))
        }
    }

    /// Closes what came with something that lets nobody in any more.
    func close(_ revocation: Revocation) {
        let (sockets, streams) = state.withLock { state in
            (
                state.sockets.values.filter { revocation.concerns($0.user) },
                state.streams.values.filter { revocation.concerns($0.user) }
            )
        }
        for socket in sockets { socket.connection.close(.revoked, reason: "signed out") }
        for stream in streams { stream.reader.end() }
    }

    static var draining: Frame { Notice.draining(reconnectAfter: .seconds(2)) }
}

extension Revocation {
    fileprivate func concerns(_ user: User) -> Bool {
        if case .user(let id) = self { id == user.id } else { self == user.revocation }
    }
}

extension [String: Int] {
    fileprivate mutating func decrement(_ key: String) {
        guard let count = self[key] else { return }
        self[key] = count > 1 ? count - 1 : nil
    }
}

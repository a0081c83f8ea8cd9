import NIOCore
import SimpleStreamKit
import Synchronization

/// The open sockets of a server: counts them, works for them, and tells them when the server goes.
final class SocketHub: Sendable {
    private struct State {
        var sockets: [String: OpenSocket] = [:]
        var byUser: [String: Int] = [:]
        var byAddress: [String: Int] = [:]
        var isDraining = false
    }

    /// A socket as others see it.
    private struct OpenSocket {
        let userID: String
        let address: String
        let connection: WebSocketConnection
        let mailbox: Mailbox
    }

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

    /// Takes a place among the sockets of a user and an address; nil when there is none left.
    func reserve(userID: String, address: String, limits: ServerConfiguration) -> Place? {
        state.withLock { state in
            guard state.byUser[userID, default: 0] < limits.socketsPerUser,
                state.byAddress[address, default: 0] < limits.socketsPerAddress
            else { return nil }
            state.byUser[userID, default: 0] += 1
            state.byAddress[address, default: 0] += 1
            return Place(userID: userID, address: address, hub: self)
        }
    }

    /// A place among the sockets, given back when nobody holds it.
    final class Place: Sendable {
        let userID: String
        let address: String
        private let hub: SocketHub

        fileprivate init(userID: String, address: String, hub: SocketHub) {
            self.userID = userID
            self.address = address
            self.hub = hub
        }

        deinit {
            hub.state.withLock { state in
                state.byUser.decrement(userID)
                state.byAddress.decrement(address)
            }
        }
    }

    /// How many sockets are open.
    var count: Int { state.withLock { $0.sockets.count } }

    // MARK: Telling

    /// Adds a socket; false when the server is about to go.
    func opened(_ connection: WebSocketConnection, mailbox: Mailbox, at place: Place) -> Bool {
        state.withLock { state in
            state.sockets[mailbox.id] = OpenSocket(
                userID: place.userID, address: place.address, connection: connection, mailbox: mailbox)
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

    static var draining: Frame { Notice.draining(reconnectAfter: .seconds(2)) }
}

extension [String: Int] {
    fileprivate mutating func decrement(_ key: String) {
        guard let count = self[key] else { return }
        self[key] = count > 1 ? count - 1 : nil
    }
}

import DequeModule
import NIOCore
import Synchronization

/// The commands to one node: what waits for a connection or for its turn, bounded, and refused at once while the node is
/// out of reach.
final class CommandLink: Link {
    private enum Phase {
        /// A connection is being made: requests may wait for it.
        case hopeful
        case up(RedisConnection)
        /// Until a connection is there again nothing is tried.
        case down(RedisError)
    }

    private struct State {
        var phase = Phase.hopeful
        var waiting: Deque<Request> = []
        var bytes = 0
        /// Whether the connection knows that something waits.
        var isAwake = false
        /// How many connections there have been.
        var generation = 0
    }

    let isSubscriber = false
    private let loop: any EventLoop
    private let maxBytes: Int
    private let maxRequests: Int
    private let state = Mutex(State())

    init(on loop: any EventLoop, _ configuration: RedisConfiguration) {
        self.loop = loop
        maxBytes = configuration.maxWaitingBytes
        maxRequests = configuration.maxWaitingRequests
    }

    /// Whether there is a connection.
    var isUp: Bool {
        state.withLock { state in
            if case .up = state.phase { true } else { false }
        }
    }

    /// Changes whenever what was said before on a connection may be forgotten.
    var generation: Int { state.withLock { $0.generation } }

    private enum Admission {
        case queued, wake(RedisConnection), expireLater, refused(RedisError)
    }

    /// Sends a request, or fails it at once.
    func submit(_ request: Request) {
        let admission = state.withLock { state -> Admission in
            if case .down(let reason) = state.phase {
                return .refused(RedisError(.unavailable, reason.message, word: reason.word))
            }
            guard state.waiting.count < maxRequests, state.bytes + request.bytes.count <= maxBytes else {
                return .refused(RedisError(.overloaded, "Too much waits to be sent to Redis."))
            }
            state.waiting.append(request)
            state.bytes += request.bytes.count
            guard case .up(let connection) = state.phase else { return .expireLater }
            // Once it is told, it asks by itself when it has an answer; much is not kept waiting for that.
            let isMuch = state.bytes >= RedisConnection.eagerBytes
            let wasMuch = state.bytes - request.bytes.count >= RedisConnection.eagerBytes
            guard !state.isAwake || (isMuch && !wasMuch) else { return .queued }
            state.isAwake = true
            return .wake(connection)
        }
        switch admission {
        case .queued: break
        case .wake(let connection): connection.wake()
        case .expireLater: loop.scheduleTask(deadline: request.deadline) { self.expireRequests(at: .now()) }
        case .refused(let error): request.completion(.failure(error))
        }
    }

    func takeRequests(isIdle: Bool) -> [Request] {
        state.withLock { state in
            guard isIdle || state.bytes >= RedisConnection.eagerBytes else { return [] }
            // With an answer awaited the connection asks again when it is there.
            defer { state.isAwake = !state.waiting.isEmpty }
            state.bytes = 0
            let requests = Array(state.waiting)
            state.waiting = []
            return requests
        }
    }

    @discardableResult
    func expireRequests(at now: NIODeadline) -> Bool {
        let expired = state.withLock { state in
            guard state.waiting.contains(where: { $0.deadline <= now }) else { return [Request]() }
            let expired = state.waiting.filter { $0.deadline <= now }
            state.waiting.removeAll { $0.deadline <= now }
            state.bytes = state.waiting.reduce(0) { $0 + $1.bytes.count }
            return Array(expired)
        }
        let error = RedisError(.unavailable, "Redis did not get ready in time.")
        for request in expired { request.completion(.failure(error)) }
        return !expired.isEmpty
    }

    func received(_ message: [RedisValue]) {}

    func connected(_ connection: RedisConnection) {
        state.withLock { state in
            state.phase = .up(connection)
            state.generation += 1
            state.isAwake = true
        }
        connection.wake()
    }

    func disconnected(_ reason: RedisError, isHopeful: Bool) {
        let (left, error) = state.withLock { state -> ([Request], RedisError) in
            state.isAwake = false
            if isHopeful {
                state.phase = .hopeful
                return ([], reason)
            }
            state.phase = .down(reason)
            defer {
                state.waiting = []
                state.bytes = 0
            }
            return (Array(state.waiting), RedisError(.unavailable, reason.message, word: reason.word))
        }
        for request in left { request.completion(.failure(error)) }
        if isHopeful, let last = state.withLock({ $0.waiting.map(\.deadline).max() }) {
            loop.scheduleTask(deadline: last) { self.expireRequests(at: .now()) }
        }
    }
}

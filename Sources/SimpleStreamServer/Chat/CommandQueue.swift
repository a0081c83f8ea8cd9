import DequeModule
import NIOCore
import SimpleStreamKit
import Synchronization

/// What one socket has sent and nobody has done yet: read and done one after the other, in order.
///
/// Messages are parsed here and not where they arrive: there other sockets would wait for it.
final class CommandQueue: Sendable {
    /// With this many waiting, the socket is not read.
    static let limit = 32
    /// With this many bytes waiting, the socket is not read.
    static let byteLimit = 1 << 20

    private struct State {
        var waiting: Deque<[UInt8]> = []
        var waitingBytes = 0
        var malformed: TokenBucket
        var isWorking = false
        var isClosed = false

        var isFull: Bool { waiting.count >= limit || waitingBytes >= byteLimit }

        mutating func close() {
            isClosed = true
            waiting = []
            waitingBytes = 0
        }
    }

    private let state: Mutex<State>
    private let chat: ChatService
    private let mailbox: Mailbox
    private let scopes: Set<AccessScope>
    private let source: RequestSource
    private let limiter: RequestLimiter
    private let reads: LongReads
    private let onRoom: @Sendable () -> Void
    private let onNonsense: @Sendable () -> Void

    /// - Parameters:
    ///   - scopes: what the socket's credential allows.
    ///   - onRoom: called when a full queue can take more.
    ///   - onNonsense: called when there were too many malformed messages; the queue is closed then.
    init(
        chat: ChatService, mailbox: Mailbox, scopes: Set<AccessScope>, source: RequestSource, limiter: RequestLimiter,
        reads: LongReads, onRoom: @escaping @Sendable () -> Void, onNonsense: @escaping @Sendable () -> Void
    ) {
        let malformed = limiter.limits.malformedPerMinute
        state = Mutex(State(malformed: TokenBucket(capacity: malformed, perSecond: Double(malformed) / 60)))
        self.chat = chat
        self.mailbox = mailbox
        self.scopes = scopes
        self.source = source
        self.limiter = limiter
        self.reads = reads
        self.onRoom = onRoom
        self.onNonsense = onNonsense
    }

    /// Adds a message.
    ///
    /// - Returns: whether ``work()`` must be called, and whether the queue is full now.
    func append(_ message: [UInt8]) -> (isIdle: Bool, isFull: Bool) {
        state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.waiting.append(message)
            state.waitingBytes += message.count
            defer { state.isWorking = true }
            return (!state.isWorking, state.isFull)
        }
    }

    /// Forgets what waits. What is being done is finished.
    func close() { state.withLock { $0.close() } }

    /// Does everything that waits.
    func work() async {
        while let message = next() {
            let read = await reads.read(message.count, from: source.address ?? "") { Read(message) }
            switch read.event {
            case .success(let event): await carryOut(event)
            case .failure(let error): refuse(error, requestID: read.requestID)
            }
        }
    }

    /// What a message asks for, or what is wrong with it.
    private struct Read: Sendable {
        var requestID: String?
        let event: Result<ClientEvent, ChatError>

        init(_ message: [UInt8]) {
            do throws(ChatError) {
                let object = try ClientEvent.parse(message)
                requestID = ClientEvent.requestID(of: object)
                event = .success(try ClientEvent(object))
            } catch {
                event = .failure(error)
            }
        }
    }

    /// Tells the sender of a message that it cannot be understood.
    private func refuse(_ error: ChatError, requestID: String?) {
        mailbox.post([Notice.error(error, requestID: requestID)])
        if error.code == .invalidMessage, !mayGoOn() { onNonsense() }
    }

    /// Counts a malformed message; false after too many.
    private func mayGoOn() -> Bool {
        state.withLock { state in
            if state.malformed.take(at: .now()) { return true }
            state.close()
            return false
        }
    }

    /// The user's own channel is a subscription, too.
    private func checkRoom(for conversationID: String) throws(ChatError) {
        let limit = limiter.limits.subscriptionsPerSocket
        guard mailbox.subscriptionCount <= limit else {
            throw ChatError(
                .rateLimited, "This connection follows \(limit) conversations; unsubscribe from one first.",
                retryAfter: .seconds(1))
        }
    }

    private func next() -> [UInt8]? {
        let (message, hasRoom) = state.withLock { state in
            let wasFull = state.isFull
            let message = state.waiting.popFirst()
            state.waitingBytes -= message?.count ?? 0
            if message == nil { state.isWorking = false }
            return (message, wasFull && !state.isFull)
        }
        if hasRoom { onRoom() }
        return message
    }

    private func carryOut(_ event: ClientEvent) async {
        var requestID: String?
        if case .chat(let request) = event { requestID = request.requestID }
        do throws(ChatError) {
            if let scope = event.scope, !scopes.contains(scope) {
                throw ChatError(.forbidden, "This takes a token with the scope \(scope.rawValue).")
            }
            switch event {
            case .chat(let request):
                try await limiter.arrived(of: mailbox.userID)
                try await limiter.asked(by: mailbox.userID)
                try await chat.send(request, of: mailbox.userID, to: mailbox, from: source)
            case .cancel(let reference):
                try await chat.stop(reference, of: mailbox.userID)
            case .subscribe(let conversationID, let messageID, let seq):
                try checkRoom(for: conversationID)
                try await chat.subscribe(mailbox, to: conversationID, messageID: messageID, after: seq)
            case .unsubscribe(let conversationID):
                chat.unsubscribe(mailbox, from: conversationID)
            case .typing(let conversationID):
                try await chat.typing(in: conversationID, from: mailbox)
            case .ping(let t):
                mailbox.post([Notice.pong(userID: mailbox.userID, t: t)])
            }
        } catch {
            mailbox.post([Notice.error(error, requestID: requestID)])
        }
    }
}

extension ClientEvent {
    /// What it takes; nil for nothing.
    fileprivate var scope: AccessScope? {
        switch self {
        case .chat, .cancel, .typing: .chat
        case .subscribe: .read
        case .unsubscribe, .ping: nil
        }
    }
}

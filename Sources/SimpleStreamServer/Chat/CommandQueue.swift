import DequeModule
import SimpleStreamKit
import Synchronization

/// What one socket has asked for and nobody has done yet: done one after the other, in order.
final class CommandQueue: Sendable {
    /// With this many waiting, the socket is not read.
    static let limit = 32

    private struct State {
        var waiting: Deque<ClientEvent> = []
        var isWorking = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let chat: ChatService
    private let mailbox: Mailbox
    private let scopes: Set<AccessScope>
    private let source: RequestSource
    private let limiter: RequestLimiter
    private let onRoom: @Sendable () -> Void

    /// - Parameters:
    ///   - scopes: what the socket's credential allows.
    ///   - onRoom: called when a full queue can take more.
    init(
        chat: ChatService, mailbox: Mailbox, scopes: Set<AccessScope>, source: RequestSource, limiter: RequestLimiter,
        onRoom: @escaping @Sendable () -> Void
    ) {
        self.chat = chat
        self.mailbox = mailbox
        self.scopes = scopes
        self.source = source
        self.limiter = limiter
        self.onRoom = onRoom
    }

    /// Adds a command.
    ///
    /// - Returns: whether ``work()`` must be called, and whether the queue is full now.
    func append(_ event: ClientEvent) -> (isIdle: Bool, isFull: Bool) {
        state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.waiting.append(event)
            defer { state.isWorking = true }
            return (!state.isWorking, state.waiting.count >= Self.limit)
        }
    }

    /// Forgets what waits. What is being done is finished.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.waiting = []
        }
    }

    /// Does everything that waits.
    func work() async {
        while let event = next() { await carryOut(event) }
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

    private func next() -> ClientEvent? {
        let (event, hasRoom) = state.withLock { state in
            let wasFull = state.waiting.count >= Self.limit
            let event = state.waiting.popFirst()
            if event == nil { state.isWorking = false }
            return (event, wasFull)
        }
        if hasRoom { onRoom() }
        return event
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

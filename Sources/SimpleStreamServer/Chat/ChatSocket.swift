import NIOCore
import SimpleStreamKit

/// One client's socket: frames of the client in, frames of its mailbox out.
final class ChatSocket: WebSocketDelegate {
    private let connection: WebSocketConnection
    private let hub: SocketHub
    /// Held as long as the socket is open.
    private let place: SocketHub.Place
    private let mailbox: Mailbox
    private let queue: CommandQueue
    private var messages: TokenBucket
    private var refusals: TokenBucket

    init(
        connection: WebSocketConnection, place: SocketHub.Place, source: RequestSource, hub: SocketHub,
        chat: ChatService, configuration: ServerConfiguration, limiter: RequestLimiter
    ) {
        let limits = configuration.clients
        let userID = place.userID ?? ""
        self.connection = connection
        self.place = place
        self.hub = hub
        let signal = MailboxSignal(connection)
        let mailbox = chat.openMailbox(of: userID) { signal.ready() }
        signal.watch(mailbox)
        self.mailbox = mailbox
        queue = CommandQueue(
            chat: chat, mailbox: mailbox, scopes: (place.user ?? .nobody).scopes, source: source, limiter: limiter,
            reads: hub.reads
        ) {
            connection.eventLoop.execute { connection.resumeReading() }
        } onNonsense: {
            connection.close(.policyViolation, reason: "too many malformed messages")
        }
        messages = TokenBucket(
            capacity: limits.messagesPerSecond * 2, perSecond: Double(limits.messagesPerSecond))
        refusals = TokenBucket(
            capacity: limits.messagesPerSecond * 2, perSecond: Double(limits.messagesPerSecond))
        mailbox.post([
            Notice.ready(
                userID: userID,
                connectionID: mailbox.id,
                heartbeat: configuration.heartbeat,
                limits: configuration.shownLimits(chat.configuration, isGuest: source.isGuest))
        ])
        if !hub.opened(connection, mailbox: mailbox, at: place) { mailbox.post([SocketHub.draining]) }
    }

    // MARK: In

    func received(text: [UInt8]) {
        let now = connection.eventLoop.now
        guard messages.take(at: now) else { return tooMany(text, at: now) }
        // Read elsewhere: parsing a long message here would hold up the event loop's other sockets.
        let (isIdle, isFull) = queue.append(text)
        if isIdle { hub.work(on: queue) }
        if isFull { connection.pauseReading() }
    }

    /// A longer message is refused without looking for its request's id.
    private static let bytesReadOfRefused = 4096

    private func tooMany(_ text: [UInt8], at now: NIODeadline) {
        let error = ChatError(
            .rateLimited, "Too many messages; wait a moment.", retryAfter: .seconds(1))
        let requestID = text.count <= Self.bytesReadOfRefused ? ClientEvent.requestID(in: text) : nil
        mailbox.post([Notice.error(error, requestID: requestID)])
        // Who does not listen to that is not served.
        if !refusals.take(at: now) { connection.close(.policyViolation, reason: "too many messages") }
    }

    func received(binary: [UInt8]) {
        connection.close(.unacceptableData, reason: "only text messages are understood")
    }

    // MARK: Out

    func fill(_ outbox: inout WebSocketOutbox) {
        for frame in mailbox.take() { outbox.append(text: frame.json) }
    }

    func heartbeatDue() { mailbox.post([Notice.ping()]) }

    // MARK: The end

    func drainRequested() { connection.close(.serviceRestart) }

    func closed(_ end: WebSocketEnd) {
        queue.close()
        mailbox.close()
        hub.closed(mailbox.id)
    }
}

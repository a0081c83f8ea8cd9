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
    private var malformed: TokenBucket

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
            chat: chat, mailbox: mailbox, scopes: (place.user ?? .nobody).scopes, source: source, limiter: limiter
        ) {
            connection.eventLoop.execute { connection.resumeReading() }
        }
        messages = TokenBucket(
            capacity: limits.messagesPerSecond * 2, perSecond: Double(limits.messagesPerSecond))
        refusals = TokenBucket(
            capacity: limits.messagesPerSecond * 2, perSecond: Double(limits.messagesPerSecond))
        malformed = TokenBucket(
            capacity: limits.malformedPerMinute, perSecond: Double(limits.malformedPerMinute) / 60)
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
        do throws(ChatError) {
            let (isIdle, isFull) = queue.append(try ClientEvent(decoding: text))
            if isIdle { hub.work(on: queue) }
            if isFull { connection.pauseReading() }
        } catch {
            mailbox.post([Notice.error(error, requestID: ClientEvent.requestID(in: text))])
            if error.code == .invalidMessage, !malformed.take(at: now) {
                connection.close(.policyViolation, reason: "too many malformed messages")
            }
        }
    }

    private func tooMany(_ text: [UInt8], at now: NIODeadline) {
        let error = ChatError(
            .rateLimited, "Too many messages; wait a moment.", retryAfter: .seconds(1))
        mailbox.post([Notice.error(error, requestID: ClientEvent.requestID(in: text))])
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

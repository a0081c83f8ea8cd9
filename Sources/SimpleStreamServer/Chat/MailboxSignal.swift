import SimpleStreamKit
import Synchronization

/// Wakes a socket when its mailbox has something, and closes it when its peer reads too slowly.
final class MailboxSignal: Sendable {
    private struct Watched: Sendable {
        weak var mailbox: Mailbox?
    }

    private let connection: WebSocketConnection
    private let watched = Mutex(Watched())

    init(_ connection: WebSocketConnection) { self.connection = connection }

    /// Which mailbox it is. Mailbox and signal know each other, so one of them comes second.
    func watch(_ mailbox: Mailbox) { watched.withLock { $0.mailbox = mailbox } }

    func ready() {
        if watched.withLock({ $0.mailbox })?.isOverflowing == true {
            connection.close(.tryAgainLater, reason: "reading too slowly; resume by seq")
        } else {
            connection.signal()
        }
    }
}

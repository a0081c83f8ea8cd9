/// A socket that is told why it is not served, which a browser cannot read from a refused upgrade.
final class ClosingSocket: WebSocketDelegate {
    /// Held as long as the socket is open.
    private let place: SocketHub.Place

    init(connection: WebSocketConnection, code: WebSocketCloseCode, reason: String, place: SocketHub.Place) {
        self.place = place
        connection.close(code, reason: reason)
    }

    func received(text: [UInt8]) {}
    func received(binary: [UInt8]) {}
    func fill(_ outbox: inout WebSocketOutbox) {}
    func heartbeatDue() {}
    func drainRequested() {}
    func closed(_ end: WebSocketEnd) {}
}

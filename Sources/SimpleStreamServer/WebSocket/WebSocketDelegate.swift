/// What an application does with one WebSocket.
///
/// Every call comes on the connection's event loop, one at a time. Nothing may block there.
package protocol WebSocketDelegate: AnyObject {
    /// A whole text message arrived; it is UTF-8.
    func received(text: [UInt8])

    /// A whole binary message arrived.
    func received(binary: [UInt8])

    /// Add what is to be sent, as long as the outbox has room.
    ///
    /// Called after messages arrived, after ``WebSocketConnection/signal()`` and when a slow peer has caught up; not
    /// called while the peer is behind, so what waits must be kept, and bounded, by the delegate.
    func fill(_ outbox: inout WebSocketOutbox)

    /// Nothing was sent to the peer for one heartbeat interval. Only called when a heartbeat is configured.
    func heartbeatDue()

    /// The server is shutting down. Close the connection when its work is done.
    func drainRequested()

    /// The connection is over; the last call.
    func closed(_ end: WebSocketEnd)
}

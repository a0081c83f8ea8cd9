/// How a WebSocket ended.
package struct WebSocketEnd: Sendable, Hashable {
    /// The code of the close frame that ended it; ``WebSocketCloseCode/abnormal`` when there was none.
    package var code: WebSocketCloseCode
    /// What was said with it; empty most of the time.
    package var reason: String
    /// Whether the peer closed first.
    package var byPeer: Bool

    package init(code: WebSocketCloseCode, reason: String = "", byPeer: Bool) {
        self.code = code
        self.reason = reason
        self.byPeer = byPeer
    }
}

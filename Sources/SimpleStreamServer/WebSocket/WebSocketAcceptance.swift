package import HTTPTypes
package import NIOCore

/// How a WebSocket is opened and who handles it.
package struct WebSocketAcceptance: Sendable {
    /// The subprotocol chosen from those the client offered; nil for none.
    package var subprotocol: String?
    /// More fields for the response.
    package var headers: HTTPFields
    package var limits: WebSocketLimits
    /// The beat of ``Heartbeat``; nil for none.
    package var heartbeat: TimeAmount?
    /// Makes the handler of this connection, on its event loop.
    package var makeDelegate: @Sendable (WebSocketConnection) -> any WebSocketDelegate

    package init(
        subprotocol: String? = nil,
        headers: HTTPFields = [:],
        limits: WebSocketLimits = WebSocketLimits(),
        heartbeat: TimeAmount? = nil,
        makeDelegate: @escaping @Sendable (WebSocketConnection) -> any WebSocketDelegate
    ) {
        self.subprotocol = subprotocol
        self.headers = headers
        self.limits = limits
        self.heartbeat = heartbeat
        self.makeDelegate = makeDelegate
    }

    /// The response that ends HTTP on the connection.
    func response(accept: String) -> String {
        var fields = headers
        fields[.upgrade] = "websocket"
        fields[.connection] = "Upgrade"
        fields[.secWebSocketAccept] = accept
        fields[.secWebSocketProtocol] = subprotocol
        // HTTPField keeps names and values free of line breaks.
        let lines = ["HTTP/1.1 101 Switching Protocols"] + fields.map { "\($0.name.rawName): \($0.value)" }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }
}

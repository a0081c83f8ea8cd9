package import HTTPTypes
package import NIOCore

/// Decides, for each request that asks for a WebSocket and is a correct handshake, whether it gets one.
package struct WebSocketUpgrade: Sendable {
    /// What becomes of a request.
    package enum Decision: Sendable {
        /// Answered with an error; the connection is closed.
        case refuse(HTTPRefusal)
        /// Upgraded.
        case accept(WebSocketAcceptance)
        /// Served as a plain HTTP request: no WebSocket lives at that path.
        case passOn
    }

    let decide: @Sendable (HTTPRequest, SocketAddress?) async -> Decision

    /// Makes an upgrade step.
    ///
    /// - Parameter decide: gets the request and the peer's address. It has as long as a request head may take.
    package init(_ decide: @escaping @Sendable (HTTPRequest, SocketAddress?) async -> Decision) {
        self.decide = decide
    }
}

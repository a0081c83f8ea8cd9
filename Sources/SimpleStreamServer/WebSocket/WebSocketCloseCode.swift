/// Why a WebSocket ended, as the number in its close frame (RFC 6455 section 7.4).
package struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let normal = WebSocketCloseCode(rawValue: 1000)
    package static let goingAway = WebSocketCloseCode(rawValue: 1001)
    package static let protocolError = WebSocketCloseCode(rawValue: 1002)
    package static let unacceptableData = WebSocketCloseCode(rawValue: 1003)
    /// The peer closed without saying why.
    ///
    /// Never sent.
    package static let noStatus = WebSocketCloseCode(rawValue: 1005)
    /// The connection was lost without a close frame.
    ///
    /// Never sent.
    package static let abnormal = WebSocketCloseCode(rawValue: 1006)
    package static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
    package static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    package static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    package static let internalError = WebSocketCloseCode(rawValue: 1011)
    package static let serviceRestart = WebSocketCloseCode(rawValue: 1012)
    package static let tryAgainLater = WebSocketCloseCode(rawValue: 1013)
    /// No valid credential.
    package static let unauthenticated = WebSocketCloseCode(rawValue: 4001)
    /// The session was revoked while the socket was open.
    package static let revoked = WebSocketCloseCode(rawValue: 4003)
    /// Too many connections.
    package static let tooManyConnections = WebSocketCloseCode(rawValue: 4008)

    /// Whether the number may stand in a close frame.
    ///
    /// 1004 to 1006 and 1015 are reserved for use inside an endpoint, the rest below 3000 for future standards.
    package var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

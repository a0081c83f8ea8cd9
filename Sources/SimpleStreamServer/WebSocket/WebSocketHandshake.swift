import Crypto
import HTTPTypes
import NIOHTTP1

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The server's part of the opening handshake (RFC 6455 section 4.2), as pure functions.
enum WebSocketHandshake {
    /// Whether a request asks for a WebSocket, rightly or not.
    static func isAsked(by head: HTTPRequestHead) -> Bool {
        tokens("upgrade", in: head).contains("websocket")
    }

    /// Whether a request asks for any protocol but HTTP/1; the parser reads no request after such a one.
    static func endsHTTP(_ head: HTTPRequestHead) -> Bool {
        head.method == .CONNECT
            || (head.headers.contains(name: "upgrade") && tokens("connection", in: head).contains("upgrade"))
    }

    /// Checks a request that asks for a WebSocket.
    ///
    /// - Returns: the value of `Sec-WebSocket-Accept`.
    static func check(_ head: HTTPRequestHead) -> Result<String, HTTPRefusal> {
        guard head.method == .GET, head.version != .http1_0 else {
            return .failure(.badRequest("A WebSocket is opened with GET and HTTP/1.1."))
        }
        guard tokens("connection", in: head).contains("upgrade") else {
            return .failure(.badRequest("Connection must name Upgrade."))
        }
        guard head.headers["sec-websocket-version"] == ["13"] else {
            let headers: HTTPFields = [.secWebSocketVersion: "13"]
            return .failure(
                HTTPRefusal(.upgradeRequired, message: "The WebSocket version must be 13.", headers: headers)
            )
        }
        let keys = head.headers["sec-websocket-key"]
        guard keys.count == 1, let key = keys.first, key.utf8.count == 24, Data(base64Encoded: key)?.count == 16 else {
            return .failure(.badRequest("Sec-WebSocket-Key must be 16 bytes in Base64, once."))
        }
        return .success(accept(key: key))
    }

    /// What a server answers to a key, to show that it understood.
    static func accept(key: String) -> String {
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Data(digest).base64EncodedString()
    }

    private static func tokens(_ name: String, in head: HTTPRequestHead) -> [String] {
        head.headers[canonicalForm: name].map { $0.lowercased() }
    }
}

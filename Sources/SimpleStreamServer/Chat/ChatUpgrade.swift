import HTTPTypes
import HummingbirdCore
import NIOCore
import SimpleStreamKit

/// Decides who gets a chat socket.
struct ChatUpgrade: Sendable {
    let chat: ChatService
    let hub: SocketHub
    let configuration: ServerConfiguration
    let authenticator: Authenticator

    func decide(_ head: HTTPRequest, _ address: SocketAddress?) async -> WebSocketUpgrade.Decision {
        let uri = URI(head.path ?? "/")
        // The original client dials the root.
        guard uri.path == "/ws" || uri.path == "/" else { return .passOn }
        let user: User?
        do throws(ChatError) {
            user = try await authenticator.authenticate(head)
        } catch {
            // A token that lets nobody in is told like none: a browser can read a close code, but no refusal.
            guard error.code == .unauthenticated else { return .refuse(HTTPRefusal(error)) }
            user = nil
        }
        guard RequestOrigin(head).isAllowed(by: configuration.originPolicy, credential: user?.credential ?? .none)
        else { return .refuse(HTTPRefusal(.forbidden, .forbidden, "Pages of this origin may not use the server.")) }
        guard let user, uri.queryParameters["id"].map({ $0 == user.id[...] }) ?? true else {
            return .accept(closing(.unauthenticated, "no valid credential", head))
        }
        guard user.scopes.contains(.chat) || user.scopes.contains(.read) else {
            return .refuse(HTTPRefusal(.forbidden, .forbidden, "This takes a token with the scope chat or read."))
        }
        let place = hub.reserve(
            for: user, address: address?.ipAddress ?? "", limits: configuration)
        guard let place else { return .accept(closing(.tooManyConnections, "too many connections", head)) }
        return .accept(accepting(place, subprotocol: Self.subprotocol(of: head)))
    }

    /// Ours when it was offered; a token offered beside it is never answered.
    private static func subprotocol(of head: HTTPRequest) -> String? {
        let offered = (head.headerFields[.secWebSocketProtocol] ?? "").split { $0 == "," || $0 == " " }
        return offered.contains("simplestream.v1") ? "simplestream.v1" : nil
    }

    private func accepting(_ place: SocketHub.Place, subprotocol: String?) -> WebSocketAcceptance {
        WebSocketAcceptance(
            subprotocol: subprotocol,
            limits: WebSocketLimits(messageBytes: configuration.messageBytes),
            heartbeat: TimeAmount(configuration.heartbeat)
        ) { connection in
            ChatSocket(connection: connection, place: place, hub: hub, chat: chat, configuration: configuration)
        }
    }

    private func closing(_ code: WebSocketCloseCode, _ reason: String, _ head: HTTPRequest) -> WebSocketAcceptance {
        WebSocketAcceptance(subprotocol: Self.subprotocol(of: head)) {
            ClosingSocket(connection: $0, code: code, reason: reason)
        }
    }
}

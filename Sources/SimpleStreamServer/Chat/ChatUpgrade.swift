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
    let limiter: RequestLimiter

    func decide(_ head: HTTPRequest, _ address: SocketAddress?) async -> WebSocketUpgrade.Decision {
        let uri = URI(head.path ?? "/")
        // The original client dials the root.
        guard uri.path == "/ws" || uri.path == "/" else { return .passOn }
        let client = configuration.client(of: head, from: address)
        do throws(ChatError) {
            try await limiter.arrived(from: client)
        } catch {
            return .refuse(HTTPRefusal(error))
        }
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
            // It has a place, too, while it is told: who only ever is told would have as many as they like.
            guard let place = hub.reserve(for: nil, address: client.address, limits: configuration.clients) else {
                return .refuse(Self.tooMany)
            }
            return .accept(closing(.unauthenticated, "no valid credential", head, place))
        }
        guard user.scopes.contains(.chat) || user.scopes.contains(.read) else {
            return .refuse(HTTPRefusal(.forbidden, .forbidden, "This takes a token with the scope chat or read."))
        }
        let place = hub.reserve(for: user, address: client.address, limits: configuration.clients)
        guard let place else {
            guard let last = hub.reserveFarewell(address: client.address) else { return .refuse(Self.tooMany) }
            return .accept(closing(.tooManyConnections, "too many connections", head, last))
        }
        return .accept(
            accepting(place, source: RequestSource(user, client), subprotocol: Self.subprotocol(of: head)))
    }

    private static let tooMany = HTTPRefusal(
        .tooManyRequests, .rateLimited, "Too many connections from your address.", headers: [.retryAfter: "5"])

    /// Ours when it was offered; a token offered beside it is never answered.
    private static func subprotocol(of head: HTTPRequest) -> String? {
        let offered = (head.headerFields[.secWebSocketProtocol] ?? "").split { $0 == "," || $0 == " " }
        return offered.contains("simplestream.v1") ? "simplestream.v1" : nil
    }

    private func accepting(
        _ place: SocketHub.Place, source: RequestSource, subprotocol: String?
    ) -> WebSocketAcceptance {
        WebSocketAcceptance(
            subprotocol: subprotocol,
            limits: configuration.webSocketLimits,
            heartbeat: TimeAmount(configuration.heartbeat)
        ) { connection in
            ChatSocket(
                connection: connection, place: place, source: source, hub: hub, chat: chat,
                configuration: configuration, limiter: limiter)
        }
    }

    private func closing(
        _ code: WebSocketCloseCode, _ reason: String, _ head: HTTPRequest, _ place: SocketHub.Place
    ) -> WebSocketAcceptance {
        WebSocketAcceptance(subprotocol: Self.subprotocol(of: head)) {
            ClosingSocket(connection: $0, code: code, reason: reason, place: place)
        }
    }
}

package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds out whether a WebSocket can be opened at an origin, as a browser on its own page would.
package enum WebSocketProbe {
    /// What came of it.
    package enum Outcome: Sendable, Equatable {
        case opened
        /// Answered with another status than 101.
        case refused(UInt)
        /// Not reached, or not understood; why.
        case unreachable(String)
    }

    /// Opens and drops one connection.
    ///
    /// - Parameters:
    ///   - origin: such as `https://chat.example.com`.
    ///   - roots: a PEM file of authorities to trust besides the system's.
    ///   - patience: how long each step may take.
    package static func open(
        _ origin: String, trusting roots: String? = nil, patience: TimeAmount = .seconds(10)
    ) async -> Outcome {
        guard let page = WebOrigin(origin.hasSuffix("/") ? String(origin.dropLast()) : origin) else {
            return .unreachable("it is no origin")
        }
        do {
            let tls = page.scheme == "https" ? try context(trusting: roots) : nil
            let head = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: HTTPResponseHead.self)
            let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(patience)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try setUp(channel, page, tls, head, patience) }
                }
            let channel: any Channel
            do {
                channel = try await bootstrap.connect(host: page.host, port: page.port).get()
            } catch {
                head.fail(error)
                return .unreachable("nothing answers at \(page.authority)")
            }
            defer { channel.close(promise: nil) }
            let status = try await head.futureResult.get().status
            return status == .switchingProtocols ? .opened : .refused(status.code)
        } catch is NIOSSLError {
            return .unreachable("the certificate of \(page.authority) could not be verified")
        } catch {
            return .unreachable("\(page.authority) gives no HTTP answer")
        }
    }

    private static func context(trusting roots: String?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let roots { configuration.additionalTrustRoots = [.file(roots)] }
        return try NIOSSLContext(configuration: configuration)
    }

    private static func setUp(
        _ channel: any Channel, _ page: WebOrigin, _ tls: NIOSSLContext?, _ head: EventLoopPromise<HTTPResponseHead>,
        _ patience: TimeAmount
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            // An address has no name to be sent.
            let name = page.host.contains(where: { $0.isLetter }) && !page.host.contains(":") ? page.host : nil
            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
        }
        try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
        try pipeline.addHandler(ProbeHandler(page: page, head: head, patience: patience))
    }
}

/// Sends the opening handshake and waits for the head of the answer.
private final class ProbeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let page: WebOrigin
    private let patience: TimeAmount
    private var head: EventLoopPromise<HTTPResponseHead>?

    init(page: WebOrigin, head: EventLoopPromise<HTTPResponseHead>, patience: TimeAmount) {
        self.page = page
        self.head = head
        self.patience = patience
    }

    func channelActive(context: ChannelHandlerContext) {
        let isStandard = page.port == (page.scheme == "https" ? 443 : 80)
        let host = isStandard ? page.authority.prefix { $0 != "[" && $0 != ":" } : page.authority[...]
        let key = Data((0..<16).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        let headers: HTTPHeaders = [
            "host": host.isEmpty ? page.authority : String(host), "connection": "Upgrade", "upgrade": "websocket",
            "sec-websocket-version": "13", "sec-websocket-key": key, "sec-websocket-protocol": "simplestream.v1",
            "origin": "\(page.scheme)://\(host.isEmpty ? page.authority : String(host))",
        ]
        let request = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/ws", headers: headers)
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let response) = unwrapInboundIn(data) else { return }
        head.take()?.succeed(response)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        head.take()?.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { head.take()?.fail(ChannelError.eof) }

    func handlerRemoved(context: ChannelHandlerContext) { head.take()?.fail(ChannelError.eof) }
}

import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// One HTTP/1.1 connection, behind the parser: checks each request, times it, and hands it to the application or
/// turns the connection into a WebSocket.
///
/// There is never more than one request in progress; ``RequestFramer`` holds the next one back.
final class HTTPConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPServerResponsePart
    typealias AsyncChannel = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    /// A request in progress.
    struct Exchange {
        var method: HTTPMethod
        var keepsAlive: Bool
        var bodyLimit: Int
        var bodyBytes = 0
        var isRequestComplete = false
        var isResponseStarted = false
        var isResponseComplete = false
    }

    enum Phase {
        /// Waiting for a request head, or reading one.
        case idle
        case exchange(Exchange)
        /// The application is deciding about a WebSocket.
        case upgrading(HTTPRequest, accept: String)
        /// The last response is out; the peer may read it before the socket goes.
        case lingering
        case closed
    }

    private enum Deadline {
        case head
        case idle
        case body
        case upgrade
        case linger
    }

    let configuration: StreamServerChannel.Configuration
    let logger: Logger
    var phase = Phase.idle
    var context: ChannelHandlerContext?
    var framer: RequestFramer?
    var httpChannel: EventLoopPromise<AsyncChannel?>?
    var decision: Task<Void, Never>?
    var isDraining = false
    var hasPeerEnded = false
    var peerEnded: EventLoopPromise<Void>?
    private var timer: LoopTimer?
    private var stallTimer: LoopTimer?
    private var deadline = Deadline.head
    private var bodyStart = NIODeadline.distantPast

    init(
        configuration: StreamServerChannel.Configuration,
        httpChannel: EventLoopPromise<AsyncChannel?>,
        logger: Logger
    ) {
        self.configuration = configuration
        self.httpChannel = httpChannel
        self.logger = logger
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = LoopTimer(eventLoop: context.eventLoop) { [weak self] in self?.deadlinePassed() }
        stallTimer = LoopTimer(eventLoop: context.eventLoop) { [weak self] in self?.context?.close(promise: nil) }
        arm(.head, in: configuration.limits.headTime)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .exchange(let exchange) = phase, !exchange.isRequestComplete {
            // Otherwise a body that was cut would look complete to the application.
            context.fireErrorCaught(ChannelError.inputClosed)
        }
        finish()
        context.fireChannelInactive()
    }

    private func finish() {
        phase = .closed
        peerHasEnded()
        timer?.cancel()
        stallTimer?.cancel()
        decision?.cancel()
        httpChannel?.succeed(nil)
        httpChannel = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow: refuse(.headTooLarge)
        case is HTTPParserError: refuse(.badRequest("The request is not valid HTTP/1.1."))
        default:
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: inputClosed(context: context)
        case is ChannelShouldQuiesceEvent:
            isDraining = true
            if case .idle = phase { context.close(promise: nil) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private func inputClosed(context: ChannelHandlerContext) {
        peerHasEnded()
        switch phase {
        case .exchange(var exchange):
            // A peer may end its side after the request and still read the response.
            exchange.keepsAlive = false
            phase = .exchange(exchange)
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        case .idle, .upgrading, .lingering, .closed:
            context.close(promise: nil)
        }
    }

    // MARK: Requests

    /// The framer saw bytes of a head.
    func headBytesArrived() {
        if deadline == .idle { arm(.head, in: configuration.limits.headTime) }
    }

    /// The framer let the last byte of a head through, so the parser must have made something of it.
    func headPassed() {
        if case .idle = phase { refuse(.badRequest("The request is not valid HTTP/1.1.")) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), phase) {
        case (.head(let head), .idle):
            headArrived(head, context: context)
        case (.body(let bytes), .exchange(var exchange)):
            exchange.bodyBytes += bytes.readableBytes
            phase = .exchange(exchange)
            guard exchange.bodyBytes <= exchange.bodyLimit else { return refuse(.bodyTooLarge) }
            armBody(exchange)
            context.fireChannelRead(wrapInboundOut(.body(bytes)))
        case (.end(let trailers), .exchange(var exchange)):
            exchange.isRequestComplete = true
            phase = .exchange(exchange)
            timer?.disarm()
            context.fireChannelRead(wrapInboundOut(.end(trailers.map { HTTPFields($0, splitCookie: false) })))
            exchangeAdvanced(context: context)
        default:
            // The end of a request that was refused or asked for a WebSocket.
            break
        }
    }

    private func headArrived(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        var head = head
        var request: HTTPRequest
        do {
            request = try HTTPRequest(head, secure: configuration.tls != nil, splitCookie: false)
        } catch {
            return refuse(.badRequest("The request method or target is not valid."))
        }
        let client = configuration.proxies.client(
            of: request, from: context.remoteAddress, isSecure: configuration.tls != nil)
        request.scheme = client.isSecure ? "https" : "http"
        if let host = client.forwardedHost {
            head.headers.replaceOrAdd(name: "host", value: host)
            request.authority = host
        }
        let bodyLimit = configuration.bodyLimit(request) ?? configuration.limits.bodyBytes
        switch RequestGuard(hosts: configuration.hosts).check(head, bodyLimit: bodyLimit) {
        case .failure(let refusal): refuse(refusal)
        case .success(let framing):
            if WebSocketHandshake.isAsked(by: head), let upgrade = configuration.webSockets {
                beginUpgrade(head, request: request, framing: framing, by: upgrade, context: context)
            } else {
                begin(head, request: request, framing: framing, bodyLimit: bodyLimit, context: context)
            }
        }
    }

    private func begin(
        _ head: HTTPRequestHead,
        request: HTTPRequest,
        framing: RequestGuard.Framing,
        bodyLimit: Int,
        context: ChannelHandlerContext
    ) {
        let exchange = Exchange(
            method: head.method,
            keepsAlive: head.isKeepAlive && head.version != .http1_0 && !WebSocketHandshake.endsHTTP(head),
            bodyLimit: bodyLimit
        )
        phase = .exchange(exchange)
        framer?.bodyFollows(framing)
        bodyStart = context.eventLoop.now
        if framing == .none { timer?.disarm() } else { armBody(exchange) }
        if framing != .none, head.headers.contains(name: "expect") {
            context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
        }
        passOn(request, context: context)
    }

    /// Hands a request head to the application, through a channel of its own that is made for the first one.
    func passOn(_ request: HTTPRequest, context: ChannelHandlerContext) {
        if let promise = httpChannel.take() {
            do {
                let channel = try AsyncChannel(
                    wrappingChannelSynchronously: context.channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true)
                )
                promise.succeed(channel)
            } catch {
                promise.fail(error)
                context.close(promise: nil)
                return
            }
        }
        context.fireChannelRead(wrapInboundOut(.head(request)))
    }

    // MARK: Time

    private func arm(_ deadline: Deadline, in amount: TimeAmount) {
        self.deadline = deadline
        timer?.arm(in: amount)
    }

    func armIdle() { arm(.idle, in: configuration.limits.idleTime) }

    func armLinger() { arm(.linger, in: configuration.limits.lingerTime) }

    func armUpgrade() { arm(.upgrade, in: configuration.limits.headTime) }

    func disarm() { timer?.disarm() }

    private func armBody(_ exchange: Exchange) {
        let limits = configuration.limits
        deadline = .body
        let earned = TimeAmount.seconds(Int64(exchange.bodyBytes / max(1, limits.bodyBytesPerSecond)))
        timer?.arm(at: bodyStart + limits.bodyTime + earned)
    }

    private func deadlinePassed() {
        switch deadline {
        case .head, .body: refuse(.tooSlow)
        case .upgrade: refuse(.busy)
        case .idle, .linger: context?.close(promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stallTimer?.disarm()
        } else {
            stallTimer?.arm(in: configuration.limits.stallTime)
        }
        context.fireChannelWritabilityChanged()
    }
}

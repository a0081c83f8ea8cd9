import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

extension HTTPConnectionHandler {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .exchange(var exchange) = phase, !exchange.isResponseComplete else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let response):
            var head = HTTPResponseHead(response)
            if response.status.kind != .informational {
                exchange.isResponseStarted = true
                exchange.keepsAlive = exchange.keepsAlive && !Self.asksToClose(head) && !isDraining
                if !exchange.keepsAlive { head.headers.replaceOrAdd(name: "connection", value: "close") }
                if exchange.method == .HEAD { Self.frameWithoutBody(&head) }
                phase = .exchange(exchange)
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let bytes):
            if exchange.method == .HEAD { return promise?.succeed() ?? () }
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: promise)
        case .end(let trailers):
            exchange.isResponseComplete = true
            phase = .exchange(exchange)
            if exchange.method == .HEAD {
                // An end would be encoded as the last chunk of a body that a HEAD response does not have.
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: promise)
            } else {
                context.writeAndFlush(wrapOutboundOut(.end(trailers.map { HTTPHeaders($0) })), promise: promise)
            }
            exchangeAdvanced(context: context)
        }
    }

    private static func asksToClose(_ head: HTTPResponseHead) -> Bool {
        head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
    }

    private static func frameWithoutBody(_ head: inout HTTPResponseHead) {
        guard head.status.mayHaveResponseBody, !head.headers.contains(name: "content-length") else { return }
        head.headers.replaceOrAdd(name: "transfer-encoding", value: "chunked")
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard case .lingering = phase else { return context.close(mode: mode, promise: promise) }
        switch mode {
        case .output:
            // Our side is closed already.
            promise?.succeed()
        case .input, .all:
            // The application is done; the peer gets its moment all the same.
            context.channel.closeFuture.cascade(to: promise)
        }
    }

    /// Goes on to the next request, or to the end, once both halves of the exchange are complete.
    func exchangeAdvanced(context: ChannelHandlerContext) {
        guard case .exchange(let exchange) = phase, exchange.isResponseComplete else { return }
        guard exchange.keepsAlive, !isDraining else { return linger(context: context) }
        guard exchange.isRequestComplete else { return }
        phase = .idle
        armIdle()
        // Not now: the response's writer, or the parser, is further up the stack.
        context.eventLoop.assumeIsolated().execute { [weak self] in
            guard let self, let framer, case .idle = phase else { return }
            self.framerContext.map { framer.nextRequest(context: $0) }
        }
    }

    /// Answers a request with an error and ends the connection.
    func refuse(_ refusal: HTTPRefusal) {
        guard let context else { return }
        var isHead = false
        var isSecure = configuration.isPublicSecure || configuration.tls != nil
        switch phase {
        case .lingering, .closed: return
        case .idle: break
        case .upgrading(let request, _): isSecure = isSecure || request.scheme == "https"
        case .exchange(let exchange):
            // Two responses cannot be told apart; a cut one can.
            if exchange.isResponseStarted { return context.close(promise: nil) }
            isHead = exchange.method == .HEAD
        }
        let requestID = configuration.makeRequestID()
        logger.debug(
            "request refused",
            metadata: ["ss.request.id": "\(requestID)", "ss.http.status": "\(refusal.status.code)"]
        )
        let body = refusal.body(requestID: requestID)
        var fields = refusal.headers
        fields[.contentType] = "application/json"
        fields[.contentLength] = "\(body.count)"
        fields[.connection] = "close"
        fields[.cacheControl] = "no-store"
        fields.addProtections(isSecure: isSecure)
        let head = HTTPResponseHead(HTTPResponse(status: refusal.status, headerFields: fields))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !isHead { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        linger(context: context)
    }

    /// Closes our side and leaves the peer a moment to read the last response before the socket goes.
    ///
    /// A socket that is closed with unread bytes resets the connection, which can take the response away.
    private func linger(context: ChannelHandlerContext) {
        decision?.cancel()
        decision = nil
        phase = .lingering
        armLinger()
        context.close(mode: .output, promise: nil)
        if let framer, let framerContext { framer.discard(context: framerContext) }
    }

    var framerContext: ChannelHandlerContext? {
        guard let context, let framer else { return nil }
        return try? context.pipeline.syncOperations.context(handler: framer)
    }
}

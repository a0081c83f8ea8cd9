import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

extension HTTPConnectionHandler {
    /// Checks the handshake, then asks the application.
    func beginUpgrade(
        _ head: HTTPRequestHead,
        request: HTTPRequest,
        framing: RequestGuard.Framing,
        by upgrade: WebSocketUpgrade,
        context: ChannelHandlerContext
    ) {
        guard framing == .none else { return refuse(.badRequest("A WebSocket request has no body.")) }
        guard !isDraining else { return refuse(.busy) }
        switch WebSocketHandshake.check(head) {
        case .failure(let refusal): refuse(refusal)
        case .success(let accept):
            phase = .upgrading(request, accept: accept)
            armUpgrade()
            let promise = context.eventLoop.makePromise(of: WebSocketUpgrade.Decision.self)
            let address = context.remoteAddress
            // Unstructured: the handshake begins inside a channel handler, which has no task. It is awaited through
            // the promise and cancelled with the connection.
            decision = promise.completeWithTask { await upgrade.decide(request, address) }
            promise.futureResult.assumeIsolated().whenSuccess { [weak self] in self?.decided($0) }
        }
    }

    private func decided(_ decision: WebSocketUpgrade.Decision) {
        guard case .upgrading(let request, let accept) = phase, let context else { return }
        self.decision = nil
        switch decision {
        case .refuse(let refusal):
            refuse(refusal)
        case .passOn:
            // The parser has stopped behind this request, so it is the connection's last.
            phase = .exchange(
                Exchange(method: .GET, keepsAlive: false, bodyLimit: 0, isRequestComplete: true)
            )
            disarm()
            passOn(request, context: context)
            context.fireChannelRead(wrapInboundOut(.end(nil)))
            context.fireChannelReadComplete()
        case .accept(let acceptance):
            upgrade(to: acceptance, accept: accept, context: context)
        }
    }

    private func upgrade(to acceptance: WebSocketAcceptance, accept: String, context: ChannelHandlerContext) {
        guard let framer, let framerContext else { return }
        let pipeline = context.pipeline.syncOperations
        do {
            let webSocket = WebSocketChannelHandler(acceptance: acceptance)
            let response = ByteBuffer(string: acceptance.response(accept: accept))
            // Before the handler is there: it may send at once.
            framerContext.write(framer.wrapOutboundOut(response), promise: nil)
            try pipeline.addHandler(webSocket, position: .after(framer))
            framerContext.flush()
        } catch {
            context.close(promise: nil)
            return
        }
        let isDraining = isDraining
        if let decoder = try? pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self) {
            pipeline.removeHandler(context: decoder, promise: nil)
        }
        if let encoder = try? pipeline.context(handlerType: HTTPResponseEncoder.self) {
            pipeline.removeHandler(context: encoder, promise: nil)
        }
        pipeline.removeHandler(context: context, promise: nil)
        framer.leave(context: framerContext)
        if isDraining { framerContext.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }
}

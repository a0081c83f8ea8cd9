import NIOCore

/// The first handler of a connection: lets the bytes of one request at a time through to the parser.
///
/// The next request is held back, within one read, until the response to this one is complete. So whatever a request
/// turns into (a refusal, a WebSocket), nothing of what follows it has been parsed.
final class RequestFramer: ChannelInboundHandler, ChannelOutboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case head(RequestHeadScanner)
        case length(Int)
        case chunked(ChunkedBodyScanner)
        /// The request is through; its response is not.
        case waiting
        /// Nothing more is of interest.
        case discarding
    }

    /// Bytes held back beyond this stop the reading.
    private static let heldBytes = 64 * 1024

    private let limits: HTTPLimits
    private var phase: Phase
    private var held: ByteBuffer?
    private var isReadHeld = false
    private var isInputClosed = false
    private var isProcessing = false
    private weak var connection: HTTPConnectionHandler?

    init(limits: HTTPLimits, connection: HTTPConnectionHandler) {
        self.limits = limits
        self.connection = connection
        phase = .head(RequestHeadScanner(limits: limits))
    }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if held == nil { held = bytes } else { held?.writeBuffer(&bytes) }
        process(context: context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if (held?.readableBytes ?? 0) >= Self.heldBytes {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
        isInputClosed = true
        process(context: context)
    }

    private func process(context: ChannelHandlerContext) {
        guard !isProcessing else { return }
        isProcessing = true
        while let bytes = held, bytes.readableBytes > 0, step(bytes, context: context) {}
        if held?.readableBytes == 0 { held = nil }
        isProcessing = false
        if isInputClosed, held == nil {
            isInputClosed = false
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
    }

    /// - Returns: whether to look at the rest of the bytes.
    private func step(_ bytes: ByteBuffer, context: ChannelHandlerContext) -> Bool {
        switch phase {
        case .head(var scanner):
            connection?.headBytesArrived()
            switch scanner.scan(bytes.readableBytesView) {
            case .needsMore:
                phase = .head(scanner)
                forward(bytes.readableBytes, context: context)
            case .complete(let count):
                // The parser hands the head on before this returns, and ``bodyFollows`` says what comes next.
                phase = .waiting
                forward(count, context: context)
                connection?.headPassed()
            case .refused(let refusal):
                phase = .discarding
                connection?.refuse(refusal)
            }
        case .length(let remaining):
            let count = min(remaining, bytes.readableBytes)
            phase = remaining == count ? .waiting : .length(remaining - count)
            forward(count, context: context)
        case .chunked(var scanner):
            switch scanner.scan(bytes.readableBytesView) {
            case .needsMore:
                phase = .chunked(scanner)
                forward(bytes.readableBytes, context: context)
            case .complete(let count):
                phase = .waiting
                forward(count, context: context)
            case .malformed:
                phase = .discarding
                connection?.refuse(.badRequest("The chunked body is malformed."))
            }
        case .waiting:
            return false
        case .discarding:
            held = nil
        }
        return true
    }

    private func forward(_ count: Int, context: ChannelHandlerContext) {
        guard let part = held?.readSlice(length: count) else { return }
        context.fireChannelRead(wrapInboundOut(part))
    }

    // MARK: What the connection decides

    /// The head that was just let through has a body.
    func bodyFollows(_ framing: RequestGuard.Framing) {
        switch framing {
        case .none: break
        case .length(let length): phase = .length(length)
        case .chunked: phase = .chunked(ChunkedBodyScanner())
        }
    }

    /// The response is complete: the next request may come.
    func nextRequest(context: ChannelHandlerContext) {
        guard case .waiting = phase else { return }
        phase = .head(RequestHeadScanner(limits: limits))
        guard held != nil || isInputClosed else { return }
        process(context: context)
        context.fireChannelReadComplete()
        releaseRead(context: context)
    }

    /// No further request will be read.
    func discard(context: ChannelHandlerContext) {
        phase = .discarding
        process(context: context)
        releaseRead(context: context)
    }

    /// Makes way for another protocol: hands over what came after the request, then leaves.
    func leave(context: ChannelHandlerContext) {
        let rest = held.take()
        phase = .discarding
        if let rest { context.fireChannelRead(wrapInboundOut(rest)) }
        context.fireChannelReadComplete()
        if isInputClosed { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        releaseRead(context: context)
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    private func releaseRead(context: ChannelHandlerContext) {
        guard isReadHeld else { return }
        isReadHeld = false
        read(context: context)
    }
}

import NIOCore

/// Runs one ``WebSocketSession`` on a channel: the only handler of an upgraded connection.
///
/// Everything that a turn of the event loop makes ready for the peer leaves in one write.
final class WebSocketChannelHandler: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case open
        /// A close frame went out or came in; waiting for the peer to finish, for a moment.
        case closing
        case closed
    }

    /// How long a peer has to answer our close frame, or to hang up after its own.
    static let closeTime = TimeAmount.seconds(2)
    /// How many full writes one turn makes before others get theirs.
    private static let writesPerTurn = 8

    private let makeDelegate: (WebSocketConnection) -> any WebSocketDelegate
    private let heartbeatInterval: TimeAmount?
    private var session: WebSocketSession
    private var phase = Phase.open
    private var context: ChannelHandlerContext?
    private var connection: WebSocketConnection?
    private var delegate: (any WebSocketDelegate)?
    private var heartbeat: Heartbeat?
    private var timer: LoopTimer?
    /// What may be read; nil for everything.
    private var budget: TokenBucket?
    private var budgetTimer: LoopTimer?
    private var replies: ByteBuffer?
    private var pendingClose: WebSocketEnd?
    private var end: WebSocketEnd?
    private var isInTurn = false
    private var isReadingPaused = false
    private var isOverBudget = false
    private var isReadHeld = false

    init(acceptance: WebSocketAcceptance) {
        makeDelegate = acceptance.makeDelegate
        heartbeatInterval = acceptance.heartbeat
        session = WebSocketSession(limits: acceptance.limits)
        budget = acceptance.limits.bytesPerSecond.map {
            TokenBucket(capacity: acceptance.limits.burstBytes, perSecond: Double($0))
        }
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let connection = WebSocketConnection(
            eventLoop: context.eventLoop,
            remoteAddress: context.remoteAddress,
            handler: self
        )
        self.connection = connection
        timer = LoopTimer(eventLoop: context.eventLoop) { [weak self] in self?.deadlinePassed() }
        budgetTimer = LoopTimer(eventLoop: context.eventLoop) { [weak self] in self?.setOverBudget(false) }
        if let heartbeatInterval {
            let heartbeat = Heartbeat(every: heartbeatInterval, startingAt: context.eventLoop.now)
            self.heartbeat = heartbeat
            timer?.arm(at: heartbeat.nextTick)
        }
        turn { delegate = makeDelegate(connection) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The socket failed; there is nobody left to tell.
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            // A peer that ended its side without a close frame hears nothing we could still say.
            context.close(promise: nil)
        case is ChannelShouldQuiesceEvent:
            turn { delegate?.drainRequested() }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func finish() {
        guard phase != .closed else { return }
        phase = .closed
        timer?.cancel()
        timer = nil
        budgetTimer?.cancel()
        budgetTimer = nil
        connection?.detach()
        let delegate = self.delegate
        self.delegate = nil
        delegate?.closed(end ?? WebSocketEnd(code: .abnormal, byPeer: true))
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // A peer that hung up on us may still have bytes in flight.
        guard phase != .closed else { return }
        var bytes = unwrapInboundIn(data)
        let now = context.eventLoop.now
        heartbeat?.heard(at: now)
        if phase == .open, let wait = budget?.spend(bytes.readableBytes, at: now) {
            setOverBudget(true)
            budgetTimer?.arm(in: wait)
        }
        turn {
            while let action = session.next(from: &bytes, at: now) { perform(action, context: context) }
        }
    }

    func read(context: ChannelHandlerContext) {
        if isReadingPaused || isOverBudget || (replies != nil && !context.channel.isWritable) {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func setReadingPaused(_ isPaused: Bool) {
        isReadingPaused = isPaused
        if !isPaused, let context { releaseRead(context: context) }
    }

    private func setOverBudget(_ isOver: Bool) {
        isOverBudget = isOver
        if !isOver, let context { releaseRead(context: context) }
    }

    /// Takes all that still comes, so that the peer's close frame is found behind it. Nothing of it is kept.
    private func readToTheEnd() {
        budgetTimer?.disarm()
        setOverBudget(false)
        setReadingPaused(false)
    }

    private func releaseRead(context: ChannelHandlerContext) {
        guard isReadHeld else { return }
        isReadHeld = false
        read(context: context)
    }

    private func perform(_ action: WebSocketSession.Action, context: ChannelHandlerContext) {
        switch action {
        case .text(let bytes):
            if pendingClose == nil { delegate?.received(text: bytes) }
        case .binary(let bytes):
            if pendingClose == nil { delegate?.received(binary: bytes) }
        case .write(let bytes):
            if replies == nil { replies = context.channel.allocator.buffer(capacity: bytes.count) }
            replies?.writeBytes(bytes)
        case .end(let end, let farewell):
            self.end = end
            drainNow(context: context)
            hangUp(after: farewell, context: context)
        }
    }

    // MARK: Writing

    /// Sends what the delegate has, at the end of the turn.
    func drain() { turn {} }

    /// Says goodbye after what waits.
    func close(_ code: WebSocketCloseCode, reason: String) {
        guard phase == .open, pendingClose == nil else { return }
        turn { pendingClose = WebSocketEnd(code: code, reason: reason, byPeer: false) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            drain()
            releaseRead(context: context)
        }
        context.fireChannelWritabilityChanged()
    }

    /// Runs part of a turn; the outermost one ends with the turn's write.
    private func turn(_ body: () -> Void) {
        guard !isInTurn else { return body() }
        isInTurn = true
        body()
        if let context, phase == .open {
            drainNow(context: context)
            if let end = pendingClose { sendClose(end, context: context) }
        }
        isInTurn = false
    }

    private func drainNow(context: ChannelHandlerContext) {
        guard phase == .open else { return }
        var writes = 0
        while context.channel.isWritable {
            // Pongs first: the pings may have come inside a message that is only now complete.
            var outbox = WebSocketOutbox(replies.take() ?? context.channel.allocator.buffer(capacity: 0))
            delegate?.fill(&outbox)
            guard outbox.buffer.readableBytes > 0 else { return }
            context.writeAndFlush(wrapOutboundOut(outbox.buffer), promise: nil)
            writes += 1
            guard !outbox.hasRoom else { return }
            guard writes < Self.writesPerTurn else {
                connection?.signal()
                return
            }
        }
    }

    // MARK: Closing

    private func sendClose(_ end: WebSocketEnd, context: ChannelHandlerContext) {
        pendingClose = nil
        guard let frame = session.close(end.code, reason: end.reason) else { return }
        self.end = end
        phase = .closing
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: frame)), promise: nil)
        readToTheEnd()
        heartbeat = nil
        timer?.arm(in: Self.closeTime)
    }

    /// Sends the last bytes, ends our side, and leaves the peer a moment to read them before the socket goes.
    private func hangUp(after farewell: [UInt8], context: ChannelHandlerContext) {
        phase = .closing
        heartbeat = nil
        if !farewell.isEmpty { context.write(wrapOutboundOut(ByteBuffer(bytes: farewell)), promise: nil) }
        context.flush()
        context.close(mode: .output, promise: nil)
        readToTheEnd()
        timer?.arm(in: Self.closeTime)
    }

    /// Asks whether the peer is still there, in the protocol's words and in the delegate's.
    ///
    /// A client that only listens answers the first by itself.
    private func beat(context: ChannelHandlerContext) {
        if replies == nil { replies = context.channel.allocator.buffer(capacity: 2) }
        replies?.writeBytes(WebSocketFrame.encoded(.ping, []))
        delegate?.heartbeatDue()
    }

    private func deadlinePassed() {
        guard let context else { return }
        guard phase == .open, var heartbeat else {
            context.close(promise: nil)
            return
        }
        switch heartbeat.tick(at: context.eventLoop.now) {
        case .nothing: break
        case .beat: turn { beat(context: context) }
        case .giveUp:
            turn { pendingClose = WebSocketEnd(code: .goingAway, reason: "silent for too long", byPeer: false) }
            return
        }
        guard phase == .open else { return }
        self.heartbeat = heartbeat
        timer?.arm(at: heartbeat.nextTick)
    }
}

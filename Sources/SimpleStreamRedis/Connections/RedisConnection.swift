import NIOCore

/// One connection: writes requests, and matches replies with them in their order.
///
/// While an answer is awaited, requests gather in the link and then leave in one write.
///
/// Its state is touched on `loop` only: that makes `@unchecked Sendable` safe.
final class RedisConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// From this many gathered bytes on, requests leave although an answer is awaited.
    static let eagerBytes = 64 << 10
    /// How often deadlines are looked at while an answer is awaited.
    private static let watchInterval = TimeAmount.milliseconds(50)

    private struct InFlight {
        let request: Request
        var replies: [RedisValue] = []
    }

    private let loop: any EventLoop
    private let parser: ReplyParser
    private var closed: EventLoopPromise<RedisError>?
    /// What hands out requests once the handshake is done.
    private var link: (any Link)?
    private var context: ChannelHandlerContext?
    private var inFlight: CircularBuffer<InFlight> = []
    private var isWatching = false
    private var lastReply = NIODeadline.now()
    /// Why we close it; nil when the other side does.
    private var reason: RedisError?

    init(on loop: any EventLoop) throws(RedisError) {
        self.loop = loop
        parser = try ReplyParser()
    }

    /// Returns why it ended, once it has.
    func end() async -> RedisError {
        let lost = RedisError(.closed, "The connection to Redis ended.")
        let end = loop.flatSubmit {
            guard self.context != nil, let closed = self.closed else {
                return self.loop.makeSucceededFuture(self.reason ?? lost)
            }
            return closed.futureResult
        }
        // The future never fails but with its loop, which outlives the process.
        return (try? await end.get()) ?? lost
    }

    // MARK: From any thread

    /// Sends requests apart from those of a link.
    func send(_ request: Request) {
        loop.execute { self.write([request]) }
    }

    /// Takes the requests of `link` from now on, and says when it has been quiet for `pingInterval`.
    func serve(_ link: any Link, pingInterval: Duration, patience: Duration) {
        loop.execute {
            guard self.context != nil else { return }
            self.link = link
            self.flush()
            let interval = TimeAmount(pingInterval)
            self.loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] task in
                guard let self, self.context != nil else { return task.cancel() }
                self.ping(interval, patience: TimeAmount(patience))
            }
        }
    }

    /// Asks the link for requests.
    func wake() {
        if loop.inEventLoop { flush() } else { loop.execute { self.flush() } }
    }

    /// Ends it; whoever waits for an answer gets an error.
    func close(_ reason: RedisError) {
        if loop.inEventLoop { shut(reason) } else { loop.execute { self.shut(reason) } }
    }

    // MARK: Writing

    private func flush() {
        guard let link, context != nil else { return }
        write(link.takeRequests(isIdle: inFlight.isEmpty))
    }

    private func write(_ requests: [Request]) {
        guard let context else {
            let error = reason ?? RedisError(.closed, "The connection to Redis ended.")
            for request in requests { request.completion(.failure(error)) }
            return
        }
        guard !requests.isEmpty else { return }
        var buffer = context.channel.allocator.buffer(capacity: requests.reduce(0) { $0 + $1.bytes.count })
        for request in requests {
            buffer.writeBytes(request.bytes)
            if request.replyCount > 0 { inFlight.append(InFlight(request: request)) }
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        watch()
    }

    private func ping(_ interval: TimeAmount, patience: TimeAmount) {
        guard inFlight.isEmpty, lastReply + interval <= .now(),
            let request = try? Request([RedisCommand("PING")], deadline: .now() + patience)
        else { return }
        write([request])
    }

    // MARK: Deadlines

    private func watch() {
        guard !isWatching, !inFlight.isEmpty else { return }
        isWatching = true
        loop.scheduleTask(in: Self.watchInterval) {
            self.isWatching = false
            guard self.context != nil else { return }
            let now = NIODeadline.now()
            // What waits for its turn waits for the answer to what went before.
            let isStuck = self.link?.expireRequests(at: now) ?? false
            if isStuck || self.inFlight.contains(where: { $0.request.deadline <= now }) {
                self.shut(RedisError(.timedOut, "Redis did not answer in time."))
            }
            self.watch()
        }
    }

    // MARK: Reading

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        closed = loop.makePromise()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard reason == nil else { return }
        let buffer = unwrapInboundIn(data)
        let result = unsafe buffer.withUnsafeReadableBytes { bytes in
            Result { () throws(RedisError) in unsafe try parser.feed(bytes) { received($0) } }
        }
        if case .failure(let error) = result { shut(error) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if reason == nil { flush() }
        context.fireChannelReadComplete()
    }

    private func received(_ value: RedisValue) {
        guard reason == nil else { return }
        lastReply = .now()
        if let message = subscriptionMessage(value) {
            link?.received(message)
            return
        }
        guard !inFlight.isEmpty else {
            return shut(RedisError(.violation, "Redis answered what it was not asked."))
        }
        inFlight[inFlight.startIndex].replies.append(value)
        let first = inFlight[inFlight.startIndex]
        if first.replies.count == first.request.replyCount {
            inFlight.removeFirst()
            first.request.completion(.success(first.replies))
        }
        if link != nil, case .error(let text) = value, Self.isUseless(text) { shut(RedisError(refusal: text)) }
    }

    /// What came for a subscription: in RESP3 by its type, before that by its first word.
    private func subscriptionMessage(_ value: RedisValue) -> [RedisValue]? {
        if case .push(let elements) = value { return elements }
        guard link?.isSubscriber == true, case .array(let elements) = value, elements.count == 3,
            let word = elements[0].text, ["message", "subscribe", "unsubscribe"].contains(word)
        else { return nil }
        return elements
    }

    /// Whether a node that says so has to be left: it is not, or not yet, what was looked for.
    private static func isUseless(_ text: String) -> Bool {
        ["READONLY", "LOADING", "MASTERDOWN", "NOAUTH"].contains(text.prefix { $0 != " " })
    }

    // MARK: Ending

    private func shut(_ reason: RedisError) {
        guard self.reason == nil else { return }
        self.reason = reason
        context?.close(promise: nil)
        ended()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        shut(RedisError(.closed, "The connection to Redis broke: \(Endpoint.reason(error))."))
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { ended() }

    private func ended() {
        guard context != nil else { return }
        context = nil
        link = nil
        let lost = RedisError(.closed, "The connection to Redis ended.")
        let reason = reason ?? lost
        closed?.succeed(reason)
        let now = NIODeadline.now()
        let left = inFlight
        inFlight = []
        for waiting in left {
            let isLate = reason.code == .timedOut && waiting.request.deadline <= now
            waiting.request.completion(.failure(isLate || reason.code != .timedOut ? reason.asLoss : lost))
        }
    }
}

extension RedisError {
    /// What those are told whose answers a connection took with it.
    fileprivate var asLoss: RedisError {
        code == .refused ? RedisError(.unavailable, message, word: word) : self
    }
}

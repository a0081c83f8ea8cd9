import NIOCore
import NIOEmbedded
import Testing

@testable import SimpleStreamServer

@Suite struct WebSocketChannelHandlerTests {
    /// Records what happens and sends what it is told to.
    final class Recorder: WebSocketDelegate {
        let connection: WebSocketConnection
        var outgoing: [[UInt8]] = []
        var incoming: [String] = []
        var beats = 0
        var drains = 0
        var end: WebSocketEnd?

        init(_ connection: WebSocketConnection) { self.connection = connection }

        func received(text: [UInt8]) { incoming.append(String(decoding: text, as: UTF8.self)) }
        func received(binary: [UInt8]) { connection.close(.unacceptableData) }
        func fill(_ outbox: inout WebSocketOutbox) {
            while outbox.hasRoom, !outgoing.isEmpty { outbox.append(text: outgoing.removeFirst()) }
        }
        func heartbeatDue() { beats += 1 }
        func drainRequested() { drains += 1 }
        func closed(_ end: WebSocketEnd) { self.end = end }
    }

    /// Counts how often the socket would be read.
    final class ReadCount: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        var reads = 0

        func read(context: ChannelHandlerContext) {
            reads += 1
            context.read()
        }
    }

    private func makeChannel(
        heartbeat: TimeAmount? = nil,
        limits: WebSocketLimits = WebSocketLimits(),
        onOpen: @escaping @Sendable (Recorder) -> Void = { _ in }
    ) throws -> (EmbeddedChannel, Recorder) {
        let channel = EmbeddedChannel()
        let box = NIOLoopBoundBox<Recorder?>(nil, eventLoop: channel.eventLoop)
        let acceptance = WebSocketAcceptance(limits: limits, heartbeat: heartbeat) { connection in
            let recorder = Recorder(connection)
            box.value = recorder
            onOpen(recorder)
            return recorder
        }
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        try channel.pipeline.syncOperations.addHandler(WebSocketChannelHandler(acceptance: acceptance))
        return (channel, try #require(box.value))
    }

    private func written(by channel: EmbeddedChannel) throws -> [[UInt8]] {
        var writes: [[UInt8]] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            writes.append(Array(buffer.readableBytesView))
        }
        return writes
    }

    @Test func framesOfOneTurnLeaveInOneWrite() throws {
        let (channel, recorder) = try makeChannel()
        for number in 0..<100 {
            recorder.outgoing.append(Array("\(number)".utf8))
            recorder.connection.signal()
        }
        #expect(try written(by: channel).isEmpty)
        channel.embeddedEventLoop.run()
        let writes = try written(by: channel)
        #expect(writes.count == 1)
        #expect(writes.first?.count == 10 * 3 + 90 * 4)
        recorder.connection.signal()
        channel.embeddedEventLoop.run()
        #expect(try written(by: channel).isEmpty, "nothing to send, nothing written")
    }

    @Test func aSlowPeerIsNotWrittenTo() throws {
        let (channel, recorder) = try makeChannel()
        channel.isWritable = false
        recorder.outgoing.append([97])
        recorder.connection.signal()
        channel.embeddedEventLoop.run()
        #expect(try written(by: channel).isEmpty)
        #expect(recorder.outgoing.count == 1)
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        #expect(try written(by: channel) == [[0x81, 1, 97]])
    }

    @Test func pongsGoBeforeTheMessageTheyInterrupted() throws {
        let (channel, recorder) = try makeChannel()
        recorder.outgoing.append([98])
        try channel.writeInbound(ByteBuffer(bytes: ClientFrame(opcode: 9, payload: [5]).bytes))
        #expect(try written(by: channel) == [[0x8A, 1, 5, 0x81, 1, 98]])
    }

    @Test func closingAtOnceReadsNothing() throws {
        let (channel, recorder) = try makeChannel { $0.connection.close(.unauthenticated) }
        #expect(try written(by: channel) == [[0x88, 2, 0x0F, 0xA1]])
        try channel.writeInbound(ByteBuffer(bytes: ClientFrame.text("hello").bytes))
        #expect(recorder.incoming.isEmpty)
        channel.embeddedEventLoop.advanceTime(by: WebSocketChannelHandler.closeTime)
        #expect(!channel.isActive)
        #expect(recorder.end == WebSocketEnd(code: .unauthenticated, byPeer: false))
    }

    @Test func whatWaitsIsSentBeforeTheClose() throws {
        let (channel, recorder) = try makeChannel()
        recorder.outgoing.append([97])
        recorder.connection.close(.serviceRestart)
        #expect(try written(by: channel).flatMap(\.self) == [0x81, 1, 97, 0x88, 2, 0x03, 0xF4])
        recorder.outgoing.append([98])
        recorder.connection.signal()
        channel.embeddedEventLoop.run()
        #expect(try written(by: channel).isEmpty, "nothing follows a close frame")
    }

    @Test func messagesAfterACloseAreNotDelivered() throws {
        let (channel, recorder) = try makeChannel()
        let frames = [ClientFrame.text("one"), ClientFrame(opcode: 2, payload: [1]), ClientFrame.text("two")]
        try channel.writeInbound(ByteBuffer(bytes: frames.flatMap(\.bytes)))
        #expect(recorder.incoming == ["one"])
        #expect(try written(by: channel) == [[0x88, 2, 0x03, 0xEB]])
    }

    @Test func silenceIsAnsweredWithABeatThenAClose() throws {
        let (channel, recorder) = try makeChannel(heartbeat: .seconds(25))
        let loop = channel.embeddedEventLoop
        loop.advanceTime(by: .seconds(25))
        #expect(recorder.beats == 1)
        try channel.writeInbound(ByteBuffer(bytes: ClientFrame.text("still here").bytes))
        loop.advanceTime(by: .seconds(25))
        #expect(recorder.beats == 2)
        loop.advanceTime(by: .seconds(25))
        #expect(try written(by: channel).last?.prefix(4) == [0x88, 21, 0x03, 0xE9])
        loop.advanceTime(by: WebSocketChannelHandler.closeTime)
        #expect(!channel.isActive)
        #expect(recorder.end?.code == .goingAway)
    }

    @Test func halfAFrameAndSilenceIsClosed() throws {
        let (channel, _) = try makeChannel(heartbeat: .seconds(25))
        try channel.writeInbound(ByteBuffer(bytes: Array(ClientFrame.text("hello").bytes.prefix(8))))
        channel.embeddedEventLoop.advanceTime(by: .seconds(50))
        channel.embeddedEventLoop.advanceTime(by: WebSocketChannelHandler.closeTime)
        #expect(!channel.isActive)
    }

    @Test func aPeerBeyondItsBudgetIsReadLater() throws {
        let (channel, recorder) = try makeChannel(limits: WebSocketLimits(bytesPerSecond: 10, burstBytes: 100))
        let socket = ReadCount()
        try channel.pipeline.syncOperations.addHandler(socket, position: .first)
        let frame = ClientFrame.text(String(repeating: "x", count: 94)).bytes
        #expect(frame.count == 100)
        try channel.writeInbound(ByteBuffer(bytes: frame))
        channel.read()
        #expect(socket.reads == 1, "the burst costs nothing")
        // A message in hand is delivered; the next read waits until it is paid for.
        try channel.writeInbound(ByteBuffer(bytes: frame))
        #expect(recorder.incoming.count == 2)
        channel.read()
        #expect(socket.reads == 1)
        recorder.connection.resumeReading()
        #expect(socket.reads == 1, "the delegate lifts its own pause only")
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(socket.reads == 1)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(socket.reads == 2)
        // A pause of the delegate holds on.
        recorder.connection.pauseReading()
        try channel.writeInbound(ByteBuffer(bytes: frame))
        channel.read()
        channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(socket.reads == 2)
        recorder.connection.resumeReading()
        #expect(socket.reads == 3)
        // Who is told goodbye is read to the end, where the answer is.
        try channel.writeInbound(ByteBuffer(bytes: frame))
        channel.read()
        #expect(socket.reads == 3)
        recorder.connection.close(.policyViolation)
        #expect(socket.reads == 4)
    }

    @Test func lossAndDrainReachTheDelegate() throws {
        let (channel, recorder) = try makeChannel()
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(recorder.drains == 1)
        #expect(recorder.end == nil)
        _ = try channel.finish()
        #expect(recorder.end == WebSocketEnd(code: .abnormal, byPeer: true))
        recorder.connection.signal()
        recorder.connection.close(.normal)
        channel.embeddedEventLoop.run()
    }
}

import Foundation
import NIOCore
import NIOPosix

/// One WebSocket connection that asks once and reads the answer to its end.
final class Client: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What a connection has seen.
    struct Result: Sendable {
        var frames = 0
        var bytes = 0
        /// Characters of the answer, as its last frame tells.
        var answerLength = 0
    }

    private let port: Int
    private let prompt: String
    private let ready: EventLoopPromise<Void>
    private let done: EventLoopPromise<Result>
    private var buffer = ByteBuffer()
    private var isOpen = false
    private var result = Result()

    init(port: Int, prompt: String, ready: EventLoopPromise<Void>, done: EventLoopPromise<Result>) {
        self.port = port
        self.prompt = prompt
        self.ready = ready
        self.done = done
    }

    /// Opens a connection; the first future is done when it can ask, the second when it has the answer.
    static func connect(
        to port: Int, group: any EventLoopGroup
    ) async throws -> (channel: any Channel, done: EventLoopFuture<Result>) {
        let loop = group.next()
        let ready = loop.makePromise(of: Void.self)
        let done = loop.makePromise(of: Result.self)
        let prompt =
            #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"go","provider":"bench","model":"bench-1"}"#
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Client(port: port, prompt: prompt, ready: ready, done: done))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .get()
        try await ready.futureResult.get()
        return (channel, done.futureResult)
    }

    /// The request as a masked text frame.
    static func ask(_ channel: any Channel) {
        let text = Array(
            #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"go","provider":"bench","model":"bench-1"}"#
                .utf8)
        var frame = ByteBuffer(bytes: [0x81, 0x80 | UInt8(text.count)] + [0, 0, 0, 0])
        frame.writeBytes(text)
        channel.writeAndFlush(frame, promise: nil)
    }

    func channelActive(context: ChannelHandlerContext) {
        let head = """
            GET /ws HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nOrigin: http://127.0.0.1:\(port)\r\nUpgrade: websocket\r
            Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n
            """
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = Self.unwrapInboundIn(data)
        buffer.writeBuffer(&bytes)
        if !isOpen { readHead() }
        while isOpen, readFrame() {}
        buffer.discardReadBytes()
    }

    func channelInactive(context: ChannelHandlerContext) {
        let error = ChannelError.eof
        ready.fail(error)
        done.fail(error)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func readHead() {
        let view = buffer.readableBytesView
        guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        buffer.moveReaderIndex(forwardBy: end.upperBound - view.startIndex)
        isOpen = true
    }

    private func readFrame() -> Bool {
        let start = buffer.readerIndex
        guard buffer.readableBytes >= 2, let short = buffer.getInteger(at: start + 1, as: UInt8.self) else {
            return false
        }
        var header = 2
        var length = Int(short)
        if short == 126 {
            guard let value = buffer.getInteger(at: start + 2, as: UInt16.self) else { return false }
            (header, length) = (4, Int(value))
        } else if short == 127 {
            guard let value = buffer.getInteger(at: start + 2, as: UInt64.self) else { return false }
            (header, length) = (10, Int(value))
        }
        guard buffer.readableBytes >= header + length else { return false }
        buffer.moveReaderIndex(forwardBy: header)
        let type = buffer.getBytes(at: buffer.readerIndex, length: min(length, 36)) ?? []
        result.frames += 1
        result.bytes += header + length
        let payload = buffer.readSlice(length: length)
        note(type, payload)
        return true
    }

    private func note(_ type: [UInt8], _ payload: ByteBuffer?) {
        if type.starts(with: Array(#"{"type":"session:ready""#.utf8)) { ready.succeed() }
        let isEnd = type.starts(with: Array(#"{"type":"ai_chat_response""#.utf8))
        guard isEnd || type.starts(with: Array(#"{"type":"ai_chat_error""#.utf8)) else { return }
        let object = payload.flatMap { try? JSONSerialization.jsonObject(with: Data($0.readableBytesView)) }
        result.answerLength = ((object as? [String: Any])?["chunk"] as? String)?.utf8.count ?? 0
        done.succeed(result)
    }
}

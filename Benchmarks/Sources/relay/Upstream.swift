import Foundation
import NIOCore
import NIOPosix

/// A provider that speaks OpenAI Chat Completions and sends tokens at a set pace.
final class Upstream {
    let port: Int
    private let channel: any Channel

    init(group: any EventLoopGroup, tokens: Int, interval: TimeAmount?) async throws {
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reply(tokens: tokens, interval: interval))
                }
            }
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: 0)
            .get()
        port = channel.localAddress?.port ?? 0
    }

    func close() async throws { try await channel.close() }

    static let token = " token"
    static let event =
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"bench-1","#
        + #""system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"\#(token)"},"#
        + #""logprobs":null,"finish_reason":null}]}"# + "\n\n"
    static let end =
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"bench-1","#
        + #""choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\ndata: [DONE]\n\n"
}

/// Answers one request after the other on a connection.
private final class Reply: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let tokens: Int
    private let interval: TimeAmount?
    private var sent = 0
    private var received: [UInt8] = []
    private var isAnswering = false

    init(tokens: Int, interval: TimeAmount?) {
        self.tokens = tokens
        self.interval = interval
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += Self.unwrapInboundIn(data).readableBytesView
        guard !isAnswering, isComplete else { return }
        isAnswering = true
        received = []
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
        step(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if interval == nil, isAnswering, context.channel.isWritable { step(context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private var isComplete: Bool {
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let length = text[..<end.lowerBound].split(separator: "\r\n")
            .first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) }
        return text[end.upperBound...].utf8.count >= length ?? 0
    }

    private func step(_ context: ChannelHandlerContext) {
        guard let interval else {
            while sent < tokens, context.channel.isWritable {
                let count = min(64, tokens - sent)
                sent += count
                let events = String(repeating: Upstream.event, count: count)
                context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: events)), promise: nil)
            }
            if sent == tokens { finish(context) }
            return
        }
        guard sent < tokens else { return finish(context) }
        sent += 1
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: Upstream.event)), promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: interval) { self.step(context) }
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard isAnswering else { return }
        isAnswering = false
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: Upstream.end))).whenComplete { _ in
            loopBound.value.close(promise: nil)
        }
    }
}

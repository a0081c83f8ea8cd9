import NIOCore
import NIOPosix
import Synchronization

/// A peer that takes the place of Redis and says what a script tells it, hostile bytes included.
package final class ScriptedRedis: Sendable {
    /// What to say to the bytes that came on a connection; nil closes it.
    package typealias Script = @Sendable (_ received: String, _ connection: Int) -> [UInt8]?

    package let port: Int

    private init(port: Int) { self.port = port }

    package var url: String { "redis://127.0.0.1:\(port)" }

    /// Runs `body` while a peer listens on a free port.
    package static func run<R: Sendable>(
        _ script: @escaping Script, _ body: (ScriptedRedis) async throws -> R
    ) async throws -> R {
        let count = Mutex(0)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                let number = count.withLock { count in
                    defer { count += 1 }
                    return count
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Peer(number, script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(ScriptedRedis(port: channel.localAddress?.port ?? 0))
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Peer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let number: Int
        private let script: Script

        init(_ number: Int, _ script: @escaping Script) {
            self.number = number
            self.script = script
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let received = String(buffer: unwrapInboundIn(data))
            guard let answer = script(received, number) else { return context.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
        }
    }
}

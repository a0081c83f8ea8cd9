import NIOCore
import NIOPosix

/// A TCP client that sends exactly what it is told.
struct RawClient {
    /// A response as it came.
    struct Response {
        var status: Int
        /// Lower-case names.
        var headers: [String: String]
        var body: String
    }

    enum Failure: Error { case closed(String) }

    private let channel: any Channel
    private var inbound: AsyncStream<ByteBuffer>.Iterator
    private var received: [UInt8] = []

    static func connect<R: Sendable>(
        to port: Int,
        _ body: @Sendable (inout RawClient) async throws -> R
    ) async throws -> R {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        var client = RawClient(channel: channel, inbound: stream.makeAsyncIterator())
        let result: Result<R, any Error>
        do {
            result = .success(try await body(&client))
        } catch {
            result = .failure(error)
        }
        channel.close(promise: nil)
        try await channel.closeFuture.get()
        return try result.get()
    }

    private init(channel: any Channel, inbound: AsyncStream<ByteBuffer>.Iterator) {
        self.channel = channel
        self.inbound = inbound
    }

    /// Passes what arrives on, until the server closes its side.
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let continuation: AsyncStream<ByteBuffer>.Continuation

        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data)) }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { continuation.finish() }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// The next bytes, that many.
    mutating func read(_ count: Int) async throws -> [UInt8] {
        while received.count < count {
            guard try await more() else { throw Failure.closed(String(decoding: received, as: UTF8.self)) }
        }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    /// Everything until the server closes its side.
    mutating func readToEnd() async throws -> [UInt8] {
        while try await more() {}
        defer { received = [] }
        return received
    }

    /// One response; its body must be chunked or have a length.
    mutating func readResponse(toHead: Bool = false) async throws -> Response {
        var response = Response(status: 0, headers: [:], body: "")
        let statusLine = try await readLine().split(separator: " ")
        response.status = statusLine.count > 1 ? Int(statusLine[1]) ?? 0 : 0
        while case let line = try await readLine(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            response.headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].drop { $0 == " " }.description : ""
        }
        if toHead || response.status < 200 { return response }
        if let length = response.headers["content-length"].flatMap({ Int($0) }) {
            response.body = String(decoding: try await read(length), as: UTF8.self)
        } else if response.headers["transfer-encoding"] == "chunked" {
            while case let size = Int(try await readLine(), radix: 16) ?? 0, size > 0 {
                response.body += String(decoding: try await read(size), as: UTF8.self)
                _ = try await readLine()
            }
            _ = try await readLine()
        }
        return response
    }

    private mutating func readLine() async throws -> String {
        var line: [UInt8] = []
        while case let byte = try await read(1)[0], byte != UInt8(ascii: "\n") {
            if byte != UInt8(ascii: "\r") { line.append(byte) }
        }
        return String(decoding: line, as: UTF8.self)
    }

    private mutating func more() async throws -> Bool {
        guard let bytes = await inbound.next(isolation: #isolation) else { return false }
        received += bytes.readableBytesView
        return true
    }
}

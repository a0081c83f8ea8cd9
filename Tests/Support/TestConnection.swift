package import NIOCore
import NIOPosix

/// A TCP client that sends exactly what it is told and reads only when it is asked to.
package struct TestConnection {
    /// A response as it came.
    package struct Response: Sendable {
        package var status: Int
        /// Lower-case names.
        package var headers: [String: String]
        package var body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    package typealias Preparation = @Sendable (any Channel) throws -> Void

    package struct Closed: Error, Sendable, CustomStringConvertible {
        package let rest: String
        package var description: String { "The server closed the connection after: \(rest.prefix(500))" }
    }

    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received: ArraySlice<UInt8> = []

    /// Connects to a port of this machine while `body` runs.
    ///
    /// - Parameters:
    ///   - receiveBuffer: bytes of the socket's receive buffer; nil leaves it to the system.
    ///   - prepare: adds handlers to the channel, such as one that speaks TLS.
    package static func connect<R: Sendable>(
        to port: Int,
        receiveBuffer: Int? = nil,
        prepare: @escaping Preparation = { _ in },
        _ body: (inout TestConnection) async throws -> R
    ) async throws -> R {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(
                ChannelOptions.socketOption(.so_rcvbuf), value: SocketOptionValue(receiveBuffer))
        }
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try prepare(channel)
                return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true))
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = TestConnection(outbound: outbound, inbound: inbound.makeAsyncIterator())
            return try await body(&connection)
        }
    }

    private init(
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) {
        self.outbound = outbound
        self.inbound = inbound
    }

    package func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// The next bytes, that many.
    package mutating func read(_ count: Int) async throws -> [UInt8] {
        while received.count < count {
            guard try await more() else { throw Closed(rest: String(decoding: received, as: UTF8.self)) }
        }
        defer { received = received.dropFirst(count) }
        return Array(received.prefix(count))
    }

    /// Everything until the server closes its side.
    package mutating func readToEnd() async throws -> [UInt8] {
        while try await more() {}
        defer { received = [] }
        return Array(received)
    }

    package mutating func readLine() async throws -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                var line = received[..<end]
                received = received[(end + 1)...]
                if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
                return String(decoding: line, as: UTF8.self)
            }
            guard try await more() else { throw Closed(rest: String(decoding: received, as: UTF8.self)) }
        }
    }

    /// The head of a response.
    package mutating func readHead() async throws -> Response {
        var response = Response(status: 0, headers: [:], body: [])
        let statusLine = try await readLine().split(separator: " ")
        response.status = statusLine.count > 1 ? Int(statusLine[1]) ?? 0 : 0
        while case let line = try await readLine(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            let (name, value) = (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
            // Cookies come in fields of their own.
            let before = name == "set-cookie" ? response.headers[name].map { $0 + "\n" } ?? "" : ""
            response.headers[name] = before + value
        }
        return response
    }

    /// One response with its body.
    package mutating func readResponse() async throws -> Response {
        var response = try await readHead()
        if response.status == 204 || response.status == 304 { return response }
        if let length = response.headers["content-length"].flatMap({ Int($0) }) {
            response.body = try await read(length)
        } else if response.headers["transfer-encoding"] == "chunked" {
            while let chunk = try await readChunk() { response.body += chunk }
        }
        return response
    }

    /// One chunk of a chunked body; nil after the last.
    package mutating func readChunk() async throws -> [UInt8]? {
        let size = Int(try await readLine(), radix: 16) ?? 0
        let chunk = try await read(size)
        _ = try await readLine()
        return size == 0 ? nil : chunk
    }

    private mutating func more() async throws -> Bool {
        guard let bytes = try await inbound.next(isolation: #isolation) else { return false }
        received += bytes.readableBytesView
        return true
    }
}

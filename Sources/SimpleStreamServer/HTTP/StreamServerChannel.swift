package import HTTPTypes
package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import NIOHTTPTypes

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The server's side of one TCP connection: guarded HTTP/1.1 that can become a WebSocket.
///
/// Give it to Hummingbird as `.simpleStream(configuration:)`.
package struct StreamServerChannel: HTTPChannelHandler {
    /// How connections behave.
    package struct Configuration: Sendable {
        package var limits = HTTPLimits()
        package var hosts = HostPolicy()
        /// The certificate the server shows; nil speaks plain HTTP.
        package var tls: TLSIdentity?
        /// Whose `X-Forwarded-…` fields are believed, and whose connections are those of many clients.
        var proxies = TrustedProxies.none
        /// Whether browsers are to be told to come by TLS only, whatever a connection speaks.
        var isPublicSecure = false
        /// How many connections an address may have open; nil is no limit.
        package var connectionsPerAddress: Int?
        /// The longest body of a request, when it is not the usual one.
        package var bodyLimit: @Sendable (HTTPRequest) -> Int? = { _ in nil }
        /// Makes the id that a refused request is reported under.
        package var makeRequestID: @Sendable () -> String = { RequestID.make() }
        /// Who decides about WebSockets; nil serves every request as plain HTTP.
        package var webSockets: WebSocketUpgrade?

        package init() {}
    }

    /// One connection.
    package struct Value: ServerChildChannelValue {
        package let channel: any Channel
        /// The channel of its HTTP requests; nil when the connection never had one for the application.
        let http: EventLoopFuture<HTTPChannel?>
    }

    typealias HTTPChannel = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    package let responder: HTTPChannelHandler.Responder
    package let configuration: Configuration
    private let open: OpenConnections

    package init(responder: @escaping HTTPChannelHandler.Responder, configuration: Configuration = Configuration()) {
        self.init(responder: responder, configuration: configuration, open: Self.openConnections(configuration))
    }

    init(responder: @escaping HTTPChannelHandler.Responder, configuration: Configuration, open: OpenConnections) {
        self.responder = responder
        self.configuration = configuration
        self.open = open
    }

    /// What counts the connections of a server.
    static func openConnections(_ configuration: Configuration) -> OpenConnections {
        OpenConnections(limit: configuration.connectionsPerAddress, proxies: configuration.proxies)
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        guard open.admit(channel) else {
            // Without a word: to say one takes a TLS handshake and a descriptor until the peer has read it, which are what
            // the limit is there for.
            channel.close(promise: nil)
            let nothing = channel.eventLoop.makeSucceededFuture(HTTPChannel?.none)
            return channel.eventLoop.makeSucceededFuture(Value(channel: channel, http: nothing))
        }
        Self.giveUpDeadPeers(channel)
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let http = channel.eventLoop.makePromise(of: HTTPChannel?.self)
            let connection = HTTPConnectionHandler(configuration: configuration, httpChannel: http, logger: logger)
            let framer = RequestFramer(limits: configuration.limits, connection: connection)
            connection.framer = framer
            var decoderLimits = NIOHTTPDecoderLimitConfiguration()
            decoderLimits.maxHeaderFieldSize = configuration.limits.headBytes
            decoderLimits.maxHeaderListSize = configuration.limits.headBytes
            // One more than allowed, and trailers besides: the framer is the one that counts.
            decoderLimits.maxHeaderFieldCount = configuration.limits.headFields * 2
            let decoder = HTTPRequestDecoder(
                leftOverBytesStrategy: .dropBytes,
                informationalResponseStrategy: .drop,
                limitConfiguration: decoderLimits
            )
            if let tls = configuration.tls { try pipeline.addHandler(tls.makeHandler()) }
            try pipeline.addHandlers([framer, HTTPResponseEncoder(), ByteToMessageHandler(decoder), connection])
            return Value(channel: channel, http: http.futureResult)
        }
    }

    /// Has the system close a connection whose peer confirms nothing for a minute; a telephone that lost its network does not
    /// say so, and what is sent to it now and then would be tried for a quarter of an hour.
    private static func giveUpDeadPeers(_ channel: any Channel) {
        #if os(Linux)
        let (option, minute) = (CInt(TCP_USER_TIMEOUT), CInt(60_000))
        #else
        let (option, minute) = (CInt(TCP_RXT_CONNDROPTIME), CInt(60))
        #endif
        guard let socket = channel as? any SocketOptionProvider else { return }
        // A connection without it works as well.
        socket.unsafeSetSocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: option), value: minute)
            .whenFailure { _ in }
    }

    package func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            do {
                if let http = try await value.http.get() { await handleHTTP(asyncChannel: http, logger: logger) }
                try await value.channel.closeFuture.get()
            } catch {
                // The connection could not be set up, and is closed.
                logger.debug("connection failed", metadata: ["error": "\(error)"])
            }
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }
}

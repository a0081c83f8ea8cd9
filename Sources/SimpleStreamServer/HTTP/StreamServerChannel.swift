package import HTTPTypes
package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import NIOHTTPTypes

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
        /// Whose `X-Forwarded-…` fields are believed.
        var proxies = TrustedProxies.none
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
        let http: EventLoopFuture<NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>?>
    }

    package let responder: HTTPChannelHandler.Responder
    package let configuration: Configuration

    package init(responder: @escaping HTTPChannelHandler.Responder, configuration: Configuration = Configuration()) {
        self.responder = responder
        self.configuration = configuration
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let http = channel.eventLoop.makePromise(of: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>?.self)
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

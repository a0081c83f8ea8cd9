package import HummingbirdCore

extension HTTPServerBuilder {
    /// Guarded HTTP/1.1 with WebSockets, for a Hummingbird `Application`.
    package static func simpleStream(configuration: StreamServerChannel.Configuration) -> HTTPServerBuilder {
        simpleStream(configuration: configuration, open: StreamServerChannel.openConnections(configuration))
    }

    /// The same, with its connections counted where others see them.
    static func simpleStream(
        configuration: StreamServerChannel.Configuration, open: OpenConnections
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { StreamServerChannel(responder: $0, configuration: configuration, open: open) }
    }
}

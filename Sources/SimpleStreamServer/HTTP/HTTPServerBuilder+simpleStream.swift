package import HummingbirdCore

extension HTTPServerBuilder {
    /// Guarded HTTP/1.1 with WebSockets, for a Hummingbird `Application`.
    package static func simpleStream(configuration: StreamServerChannel.Configuration) -> HTTPServerBuilder {
        HTTPServerBuilder { StreamServerChannel(responder: $0, configuration: configuration) }
    }
}

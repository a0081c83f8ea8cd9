import NIOCore
import NIOPosix
internal import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A place connections can be made to.
enum Endpoint: Hashable, Sendable {
    case address(RedisConfiguration.Address)
    case unixSocket(String)

    /// Opens a connection. Nothing was said on it yet; TLS may still be under way.
    ///
    /// - Throws: `unavailable`.
    func connect(
        on loop: any EventLoop, tls: RedisTLS?, timeout: Duration
    ) async throws(RedisError) -> RedisConnection {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls.context, serverHostname: self.tlsName))
                    }
                    try pipeline.addHandler(RedisConnection(on: loop))
                }
            }
        do {
            let channel =
                switch self {
                case .address(let address): try await bootstrap.connect(host: address.host, port: address.port).get()
                case .unixSocket(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
                }
            return try await channel.eventLoop.submit {
                try channel.pipeline.syncOperations.handler(type: RedisConnection.self)
            }.get()
        } catch {
            throw RedisError(.unavailable, "Redis is out of reach: \(Self.reason(error)).")
        }
    }

    /// The name the certificate must hold; nil for an address, which is checked as such.
    private var tlsName: String? {
        guard case .address(let address) = self else { return nil }
        let isAddress = (try? SocketAddress(ipAddress: address.host, port: address.port)) != nil
        return isAddress ? nil : address.host
    }

    /// What is known of a failure, without addresses, in a few words.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as RedisError: error.message
        case let error as IOError: unsafe String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { reason($0.error) } ?? "its name is not known"
        case is NIOSSLError, is BoringSSLError: "TLS failed: \(String(describing: error).prefix(200))"
        case ChannelError.connectTimeout: "it did not answer in time"
        default: "\(type(of: error))"
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (nanoseconds, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self = .nanoseconds(isTooLong ? .max / 4 : nanoseconds &+ attoseconds / 1_000_000_000)
    }
}

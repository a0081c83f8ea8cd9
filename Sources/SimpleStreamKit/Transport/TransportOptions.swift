/// How one request may go out and how long it may take.
public struct TransportOptions: Sendable, Hashable {
    /// To connect, name lookup and TLS included. Default 10 s.
    public var connectTimeout: Duration
    /// From the request to the response's head. Default 300 s.
    public var firstByteTimeout: Duration
    /// Between two pieces of the response. Default 300 s.
    public var idleTimeout: Duration
    /// Bytes of the response's head. Default 64 KiB.
    public var maxHeadBytes: Int
    /// Bytes of the response's body. Default 256 MiB.
    public var maxBodyBytes: Int
    /// A PEM file of certificate authorities instead of the system's.
    public var caFile: String?
    /// A proxy URL; nil takes the environment's (`https_proxy`, `no_proxy`), an empty text none.
    public var proxy: String?
    /// Whether `http:` is allowed besides `https:`. Default false.
    public var allowsPlainHTTP: Bool
    /// Whether only public addresses may be connected to. Default false.
    public var requiresPublicAddress: Bool
    /// Blocks of addresses that count as public, because the operator said so. Default none.
    package var exemptNetworks: [IPPrefix] = []

    public init(
        connectTimeout: Duration = .seconds(10),
        firstByteTimeout: Duration = .seconds(300),
        idleTimeout: Duration = .seconds(300),
        maxHeadBytes: Int = 64 << 10,
        maxBodyBytes: Int = 256 << 20,
        caFile: String? = nil,
        proxy: String? = nil,
        allowsPlainHTTP: Bool = false,
        requiresPublicAddress: Bool = false
    ) {
        self.connectTimeout = connectTimeout
        self.firstByteTimeout = firstByteTimeout
        self.idleTimeout = idleTimeout
        self.maxHeadBytes = maxHeadBytes
        self.maxBodyBytes = maxBodyBytes
        self.caFile = caFile
        self.proxy = proxy
        self.allowsPlainHTTP = allowsPlainHTTP
        self.requiresPublicAddress = requiresPublicAddress
    }
}

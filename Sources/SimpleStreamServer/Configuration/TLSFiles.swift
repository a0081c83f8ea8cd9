/// Where a server's certificate is.
public struct TLSFiles: Sendable, Hashable {
    /// A PEM file with the certificate and those between it and its root, the server's own first.
    public var certificate: String
    /// A PEM file with the certificate's private key, without a passphrase.
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

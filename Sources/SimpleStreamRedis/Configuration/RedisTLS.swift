internal import NIOSSL

/// How a connection to Redis is encrypted. The server's certificate and name are always checked.
public struct RedisTLS: Sendable {
    let context: NIOSSLContext

    /// Reads the files.
    ///
    /// - Parameters:
    ///   - caFile: certificates of authorities, PEM; nil takes the system's.
    ///   - certificateFile: our certificate and what leads to its authority, PEM; nil when the server wants none.
    ///   - keyFile: the key of our certificate, PEM, without a passphrase.
    /// - Throws: ``RedisConfiguration/Problem`` that names the parameter.
    public init(
        caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil
    ) throws(RedisConfiguration.Problem) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let caFile {
            configuration.trustRoots = .certificates(try Self.certificates(caFile, "caFile"))
        }
        if let certificateFile {
            guard let keyFile else { throw Self.problem("keyFile", "it is missing beside a certificate") }
            let chain = try Self.certificates(certificateFile, "certificateFile")
            configuration.certificateChain = chain.map { .certificate($0) }
            guard let key = try? NIOSSLPrivateKey(file: keyFile, format: .pem) else {
                throw Self.problem("keyFile", "there is no readable key in that file")
            }
            configuration.privateKey = .privateKey(key)
        } else if keyFile != nil {
            throw Self.problem("certificateFile", "it is missing beside a key")
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Self.problem("certificateFile", "it and the key do not go together")
        }
    }

    private static func certificates(
        _ path: String, _ property: String
    ) throws(RedisConfiguration.Problem) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
            throw problem(property, "there is no readable certificate in that file")
        }
        return certificates
    }

    private static func problem(_ property: String, _ problem: String) -> RedisConfiguration.Problem {
        .init(
            property: property, problem: problem,
            accepted: "the path of a PEM file; a certificate and its key go together")
    }
}

import Foundation

/// A certificate authority of a test's own, with a certificate for this machine and one for a client.
package struct TestCertificates: Sendable {
    struct Failure: Error {}

    /// The authority's certificate.
    package let authority: String
    /// For `localhost` and 127.0.0.1.
    package let server: KeyPair
    package let client: KeyPair

    /// The files of a certificate and its key.
    package struct KeyPair: Sendable {
        package let certificate: String
        package let key: String
    }

    /// Makes them in `directory` by `openssl`.
    package init(in directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        authority = "\(directory)/authority.pem"
        let key = "\(directory)/authority.key"
        try Self.openSSL(
            ["req", "-x509", "-days", "2", "-subj", "/CN=Test authority", "-out", authority] + Self.newKey(key))
        let issuer = KeyPair(certificate: authority, key: key)
        server = try Self.issue("server", ["subjectAltName=DNS:localhost,IP:127.0.0.1"], by: issuer, in: directory)
        client = try Self.issue("client", ["extendedKeyUsage=clientAuth"], by: issuer, in: directory)
    }

    private static func issue(
        _ name: String, _ extensions: [String], by issuer: KeyPair, in directory: String
    ) throws -> KeyPair {
        let pair = KeyPair(certificate: "\(directory)/\(name).pem", key: "\(directory)/\(name).key")
        let request = "\(directory)/\(name).csr"
        let extensionFile = "\(directory)/\(name).ext"
        try Data(extensions.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: extensionFile))
        try openSSL(["req", "-new", "-subj", "/CN=\(name)", "-out", request] + newKey(pair.key))
        try openSSL([
            "x509", "-req", "-days", "2", "-in", request, "-CA", issuer.certificate, "-CAkey", issuer.key,
            "-CAcreateserial", "-extfile", extensionFile, "-out", pair.certificate,
        ])
        return pair
    }

    private static func newKey(_ path: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path]
    }

    private static func openSSL(_ arguments: [String]) throws {
        guard let path = Programs.path(of: "openssl") else { throw Failure() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure() }
    }
}

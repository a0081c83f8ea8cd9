import Foundation
import NIOCore
import NIOSSL
import TestSupport

/// An authority and a certificate for this machine, made by openssl.
struct TestCertificates: Sendable {
    struct Failure: Error {}

    /// What a client trusts.
    let root: String
    let certificate: String
    let key: String

    /// Whether openssl is there; where all services must be, its absence is a failure.
    static var isAvailable: Bool {
        ProcessInfo.processInfo.environment["CI"] == "true" || FileManager.default.isExecutableFile(atPath: openssl)
    }

    private static let openssl = "/usr/bin/openssl"

    /// Makes both below a directory.
    static func make(in directory: String, named name: String) async throws -> TestCertificates {
        let base = "\(directory)/\(name)"
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try await run(
            ["req", "-x509"] + key + [
                "-days", "30", "-subj", "/CN=\(name) authority", "-addext", "basicConstraints=critical,CA:TRUE",
                "-keyout", "\(base)-ca.key", "-out", "\(base)-ca.pem",
            ])
        try await run(["req"] + key + ["-subj", "/CN=localhost", "-keyout", "\(base).key", "-out", "\(base).csr"])
        try "subjectAltName=DNS:localhost,IP:127.0.0.1\n".write(
            toFile: "\(base).ext", atomically: true, encoding: .utf8)
        try await run([
            "x509", "-req", "-in", "\(base).csr", "-CA", "\(base)-ca.pem", "-CAkey", "\(base)-ca.key",
            "-CAcreateserial", "-days", "30", "-extfile", "\(base).ext", "-out", "\(base).pem",
        ])
        return TestCertificates(root: "\(base)-ca.pem", certificate: "\(base).pem", key: "\(base).key")
    }

    /// Lets a client speak TLS and trust this authority alone.
    var client: TestConnection.Preparation {
        get throws {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .file(root)
            let context = try NIOSSLContext(configuration: configuration)
            return { channel in
                let handler = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        }
    }

    private static func run(_ arguments: [String]) async throws {
        let process = try ChildProcess(arguments, of: openssl, environment: [:])
        guard try await process.status() == 0 else { throw Failure() }
    }
}

import NIOSSL
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A server's certificate and key, read from files and read again when told.
package final class TLSIdentity: Sendable {
    /// The files cannot be used.
    package struct Problem: Error, CustomStringConvertible {
        /// Which of the two; nil when they do not belong together.
        package let path: String?
        /// Whether it is the file of the key.
        package var isKey = false
        package let description: String
    }

    private let files: TLSFiles
    private let current: Mutex<NIOSSLContext>

    /// Reads the files.
    package init(_ files: TLSFiles) throws(Problem) {
        self.files = files
        current = Mutex(try Self.read(files))
    }

    /// Reads the files again. New connections get what they hold now; when they cannot be used, all stays as it was.
    package func reload() throws(Problem) {
        let context = try Self.read(files)
        current.withLock { $0 = context }
    }

    /// The handler of a new connection.
    func makeHandler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: current.withLock { $0 }) }

    /// How many whole days the certificate is still good for; negative when it ran out.
    package static func daysLeft(of files: TLSFiles) throws(Problem) -> Int {
        let identity = try TLSIdentity(files)
        let chain = (try? NIOSSLCertificate.fromPEMFile(identity.files.certificate)) ?? []
        let end = chain.map { Double($0.notValidAfter) }.min() ?? 0
        return Int((max(-1e12, min(end - Date().timeIntervalSince1970, 1e12)) / 86_400).rounded(.down))
    }

    private static func read(_ files: TLSFiles) throws(Problem) -> NIOSSLContext {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        } catch {
            throw Problem(path: files.certificate, description: "it is not a readable PEM file with a certificate")
        }
        guard !chain.isEmpty else {
            throw Problem(path: files.certificate, description: "it holds no certificate")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw Problem(path: files.key, isKey: true, description: "it is not a readable PEM file with a private key")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw Problem(path: nil, description: "the certificate and the key do not belong together")
        }
    }
}

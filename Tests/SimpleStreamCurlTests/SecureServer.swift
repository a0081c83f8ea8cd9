import Foundation

/// A TLS server in a process of its own, with a certificate that nobody has signed.
final class SecureServer {
    /// Which protocol it speaks.
    enum Kind: String {
        /// HTTP/1.1, by Python.
        case http1 = "python3"
        /// HTTP/2 alone, by nghttp2.
        case http2 = "nghttpd"

        /// Whether the programs are there; where all services must be, their absence is a failure.
        var isAvailable: Bool {
            ProcessInfo.processInfo.environment["CI"] == "true"
                || [rawValue, "openssl"].allSatisfy { SecureServer.path(of: $0) != nil }
        }
    }

    struct Failure: Error {}

    let port: Int
    /// The certificate, which is its own authority.
    let caFile: String
    private let process: Process

    /// What `/` answers.
    static let body = "secure"
    /// The length of what `/large` answers.
    static let largeSize = 8 << 20

    private init(port: Int, caFile: String, process: Process) {
        self.port = port
        self.caFile = caFile
        self.process = process
    }

    /// Runs `test` with a server that ends with it.
    static func with<R>(_ kind: Kind, _ test: (SecureServer) async throws -> R) async throws -> R {
        let directory = FileManager.default.temporaryDirectory.appending(path: "secure-server-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let certificate = directory.appending(path: "certificate.pem").path
        let key = directory.appending(path: "key.pem").path
        try makeCertificate(certificate, key)
        let server = try await start(kind, directory: directory, certificate: certificate, key: key)
        defer {
            // Its signal mask may come from a thread that takes no signals.
            kill(server.process.processIdentifier, SIGKILL)
            server.process.waitUntilExit()
        }
        return try await test(server)
    }

    private static func makeCertificate(_ certificate: String, _ key: String) throws {
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out",
            certificate,
        ]
        let openssl = try launch("openssl", arguments)
        openssl.waitUntilExit()
        guard openssl.terminationStatus == 0 else { throw Failure() }
    }

    private static func start(
        _ kind: Kind,
        directory: URL,
        certificate: String,
        key: String
    ) async throws -> SecureServer {
        let large = directory.appending(path: "large")
        try Data(repeating: 0x78, count: largeSize).write(to: large)
        try Data(body.utf8).write(to: directory.appending(path: "index.html"))
        // nghttpd takes no port 0, and a port may be gone when it is used.
        for _ in 0..<10 {
            let port = Int.random(in: 20_000..<32_000)
            guard try !OpenSockets.isListening(on: port) else { continue }
            let process =
                switch kind {
                case .http1: try launch("python3", ["-c", script, certificate, key, large.path, "\(port)"])
                case .http2:
                    try launch("nghttpd", ["-a", "127.0.0.1", "-d", directory.path, "\(port)", key, certificate])
                }
            // Another program's readiness gives no signal, but can be seen.
            while process.isRunning {
                if try OpenSockets.isListening(on: port) {
                    return SecureServer(port: port, caFile: certificate, process: process)
                }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        throw Failure()
    }

    private static func launch(_ name: String, _ arguments: [String]) throws -> Process {
        guard let path = path(of: name) else { throw Failure() }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func path(of name: String) -> String? {
        let directories: [Substring] = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return (directories + ["/usr/sbin"]).map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    private static let script = """
        import http.server, ssl, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                body = open(sys.argv[3], "rb").read() if self.path == "/large" else b"\(body)"
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[4])), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()
        """
}

import Foundation
import TestSupport

/// A chat completions server behind TLS, with a certificate nobody has signed, and a proxy that makes tunnels.
struct SecureProvider {
    let port: Int
    let proxyPort: Int
    /// The certificate, which is its own authority.
    let caFile: String
    private let process: ChildProcess

    /// Whether the programs it is made of are there; where all services must be, their absence is a failure.
    static var isAvailable: Bool {
        ProcessInfo.processInfo.environment["CI"] == "true"
            || ["/usr/bin/python3", "/usr/bin/openssl"].allSatisfy(FileManager.default.isExecutableFile)
    }

    /// The tunnels the proxy has made so far, one `host:port` a line.
    var tunnels: [String] {
        process.errors.text.split(separator: "\n").filter { $0.hasPrefix("tunnel ") }.map { String($0.dropFirst(7)) }
    }

    /// Runs `test` with a provider that ends with it.
    static func with<R>(_ test: (SecureProvider) async throws -> R) async throws -> R {
        try await withScratchDirectory { directory in
            let (certificate, key) = ("\(directory)/certificate.pem", "\(directory)/key.pem")
            let settings = ["PATH": "/usr/bin:/bin"]
            let openssl = try ChildProcess(
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key,
                    "-out", certificate,
                ], of: "/usr/bin/openssl", environment: settings)
            let made = try await openssl.result()
            guard made.status == 0 else { throw Failure(what: made.errors) }
            let process = try ChildProcess(
                ["-c", script, certificate, key], of: "/usr/bin/python3", environment: settings, input: nil)
            defer { process.send(SIGKILL) }
            await process.output.contains("\n")
            let ports = process.output.text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
            guard ports.count == 2 else { throw Failure(what: process.errors.text) }
            return try await test(
                SecureProvider(port: ports[0], proxyPort: ports[1], caFile: certificate, process: process))
        }
    }

    struct Failure: Error {
        var what: String
    }

    /// Answers with what it was sent: the headers, and whether the model's name asks for silence.
    private static let script = #"""
        import http.server, json, socket, ssl, sys, threading

        class Provider(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if body["model"] == "dead":
                    return threading.Event().wait()
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("connection", "close")
                self.end_headers()
                said = "key " + self.headers["authorization"] + " team " + str(self.headers["x-team"])
                self.event({"choices": [{"delta": {"content": said}}]})
                if body["model"] == "silent":
                    return threading.Event().wait()
                self.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
                self.wfile.write(b"data: [DONE]\n\n")
            def event(self, value):
                self.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")
                self.wfile.flush()
            def log_message(self, *arguments): pass

        def pump(source, target):
            try:
                while data := source.recv(65536): target.sendall(data)
            except OSError: pass
            for end in (source, target):
                try: end.shutdown(socket.SHUT_RDWR)
                except OSError: pass

        class Proxy(http.server.BaseHTTPRequestHandler):
            def do_CONNECT(self):
                host, port = self.path.rsplit(":", 1)
                print("tunnel", self.path, file=sys.stderr, flush=True)
                with socket.create_connection(("127.0.0.1", int(port))) as other:
                    self.send_response(200)
                    self.end_headers()
                    threading.Thread(target=pump, args=(other, self.connection), daemon=True).start()
                    pump(self.connection, other)
            def log_message(self, *arguments): pass

        provider = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        provider.socket = context.wrap_socket(provider.socket, server_side=True)
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        provider.daemon_threads = proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        print(provider.server_address[1], proxy.server_address[1], flush=True)
        provider.serve_forever()
        """#
}

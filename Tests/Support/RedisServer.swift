import Foundation
import Synchronization

/// A real `redis-server` of a test's own: in memory only, on a port of its own, gone with the test process.
///
/// ```swift
/// try await RedisServer.run { redis in
///     try await useRedis(at: redis.url)
///     redis.pause()
///     …
/// }
/// ```
package final class RedisServer: Sendable {
    /// What it starts with.
    package struct Options: Sendable {
        /// What clients must say; nil takes anybody.
        package var password: String?
        /// Also listens on ``RedisServer/securePort``, with the server's certificate.
        package var certificates: TestCertificates?
        /// Whether clients on ``RedisServer/securePort`` need a certificate, too.
        package var needsClientCertificate = false
        /// Further arguments, such as `["--maxmemory", "2mb"]`.
        package var arguments: [String] = []

        package init() {}
    }

    /// It did not start or did not do what it was told.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The port for plain connections, at 127.0.0.1.
    package let port: Int
    /// The port for TLS; 0 without certificates.
    package let securePort: Int
    private let directory: String
    private let options: Options
    private let process = Mutex<ChildProcess?>(nil)

    /// Whether a Redis is there; with `CI=true` always, so that its absence fails tests.
    package static var isAvailable: Bool { Programs.areAvailable("redis-server", "redis-cli") }

    private init(port: Int, securePort: Int, directory: String, options: Options) {
        self.port = port
        self.securePort = securePort
        self.directory = directory
        self.options = options
    }

    deinit { signal(SIGKILL) }

    /// Runs `body` with a server that ends with it.
    package static func run<R>(
        _ options: Options = Options(), _ body: (RedisServer) async throws -> R
    ) async throws -> R {
        try await withScratchDirectory { directory in try await run(in: directory, options, body) }
    }

    private static func run<R>(
        in directory: String, _ options: Options, _ body: (RedisServer) async throws -> R
    ) async throws -> R {
        // A port may be gone when it is used.
        for _ in 0..<20 {
            let ports = [Int](20_000..<32_000).shuffled()
            let server = RedisServer(
                port: ports[0], securePort: options.certificates == nil ? 0 : ports[1], directory: directory,
                options: options)
            do {
                try await server.start()
            } catch let failure as Failure where failure.description.contains("listening socket") {
                await server.kill()
                continue
            }
            let result: R
            do {
                result = try await body(server)
            } catch {
                await server.kill()
                throw error
            }
            await server.kill()
            return result
        }
        throw Failure(description: "no free port")
    }

    /// Where it is, with the password.
    package var url: String { "redis://\(credential)127.0.0.1:\(port)" }

    /// Where it is for TLS, with the password.
    package var secureURL: String { "rediss://\(credential)localhost:\(securePort)" }

    private var credential: String { options.password.map { ":\($0)@" } ?? "" }

    /// Starts it, empty; returns when it takes connections.
    package func start() async throws {
        guard let shell = Programs.path(of: "sh"), let redis = Programs.path(of: "redis-server") else {
            throw Failure(description: "redis-server is missing")
        }
        // Whatever ends this process closes its standard input; then the watcher ends the server, also a paused one.
        let script = #"exec 3<&0; (read -r _ <&3; kill -9 $$) >/dev/null 2>&1 & exec "$@" 3<&- </dev/null"#
        let process = try ChildProcess(
            ["-c", script, "sh", redis] + arguments, of: shell, environment: ProcessInfo.processInfo.environment,
            input: nil)
        self.process.withLock { $0 = process }
        await process.output.contains(Self.readiness)
        guard process.output.text.contains(Self.readiness) else {
            throw Failure(description: "redis-server did not start: \(process.output.text)")
        }
    }

    private static let readiness = "Ready to accept connections"

    private var arguments: [String] {
        var arguments = ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        arguments += ["--daemonize", "no", "--dir", directory]
        if let password = options.password { arguments += ["--requirepass", password] }
        if let certificates = options.certificates {
            arguments += ["--tls-port", "\(securePort)", "--tls-ca-cert-file", certificates.authority]
            arguments += ["--tls-cert-file", certificates.server.certificate]
            arguments += ["--tls-key-file", certificates.server.key]
            arguments += ["--tls-auth-clients", options.needsClientCertificate ? "yes" : "no"]
        }
        return arguments + options.arguments
    }

    // MARK: Trouble

    /// Ends it as a crash does; returns when it is gone.
    package func kill() async {
        guard let process = process.withLock({ $0.take() }) else { return }
        process.send(SIGKILL)
        // Fails only when the task is cancelled: it ends all the same.
        _ = try? await process.status()
    }

    /// Kills it and starts it again on the same port, empty.
    package func restart() async throws {
        await kill()
        try await start()
    }

    /// Keeps it from running, as a machine that swaps or a partition does: connections stay, nobody answers.
    package func pause() { signal(SIGSTOP) }

    /// Ends ``pause()``.
    package func resume() { signal(SIGCONT) }

    /// Cuts all connections but the one that says so.
    package func cutConnections() async throws {
        for type in ["normal", "pubsub"] { try await command("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes") }
    }

    private func signal(_ number: Int32) { process.withLock { $0?.send(number) } }

    // MARK: Commands

    /// Sends a command by `redis-cli`; what it printed.
    @discardableResult
    package func command(_ words: String...) async throws -> String {
        guard let client = Programs.path(of: "redis-cli") else { throw Failure(description: "redis-cli is missing") }
        var environment = ProcessInfo.processInfo.environment
        environment["REDISCLI_AUTH"] = options.password
        let process = try ChildProcess(
            ["-h", "127.0.0.1", "-p", "\(port)"] + words, of: client, environment: environment)
        let result = try await process.result()
        guard result.status == 0 else { throw Failure(description: "redis-cli: \(result.output)\(result.errors)") }
        return result.output.trimmingCharacters(in: .newlines)
    }
}

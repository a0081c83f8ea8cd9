import Foundation
import Synchronization

/// A real PostgreSQL server of its own: a new cluster in a scratch directory, on a unix socket and a free loopback port.
///
/// It ends with the process that started it, also when that is killed, and takes its directory along. What is written
/// is not synced, so that starting one takes a second.
///
/// Most tests share one server and give each a database of its own:
/// ```swift
/// @Test(.enabled(if: PostgresServer.isAvailable)) func works() async throws {
///     try await PostgresServer.withScratchDatabase { url in … }
/// }
/// ```
/// Those that stop, kill or pause a server take a private one by ``with(settings:_:)``.
public final class PostgresServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The owner of everything in the cluster, who needs no password on the socket.
    public static let user = "simple_stream"
    /// What the owner needs on the TCP port.
    ///
    /// No other secret of the tests looks like it.
    public static let password = "hunter2-postgres"

    /// Whether the server's programs are there; where all services must be, their absence is a failure.
    public static var isAvailable: Bool {
        ProcessInfo.processInfo.environment["CI"] == "true" || PostgresPrograms.directory != nil
    }

    /// Where the cluster and the socket are.
    public let directory: String
    public let port: Int
    private let settings: [String]
    private let watchdog: PostgresWatchdog
    private let process = Mutex<PostgresProcess?>(nil)

    private init(directory: String, port: Int, settings: [String]) throws {
        self.directory = directory
        self.port = port
        self.settings = settings
        watchdog = try PostgresWatchdog(directory: directory)
    }

    // MARK: Servers

    private static let sharedStart = Mutex<Task<PostgresServer, any Error>?>(nil)

    /// The server all tests of this process share.
    ///
    /// Never stop it.
    public static var shared: PostgresServer {
        get async throws {
            let start = sharedStart.withLock { start in
                // Unstructured, because it outlives the test that happens to be the first; every user awaits it.
                let task = start ?? Task { try await make(settings: ["max_connections=400"]) }
                start = task
                return task
            }
            return try await start.value
        }
    }

    /// Runs `body` with a server nobody else uses, and ends it afterwards.
    ///
    /// - Parameter settings: of `postgresql.conf`, such as `max_connections=5`.
    public static func with<R>(
        settings: [String] = [], _ body: (PostgresServer) async throws -> R
    ) async throws -> R {
        let server = try await make(settings: settings)
        defer { server.end() }
        return try await body(server)
    }

    private static func make(settings: [String]) async throws -> PostgresServer {
        let directory = try PostgresPrograms.makeDirectory()
        let port = try PostgresPrograms.freePort()
        let server = try PostgresServer(directory: directory, port: port, settings: settings)
        try PostgresPrograms.initialize(directory, user: user, password: password)
        try await server.start()
        return server
    }

    /// The watchdog removes the directory.
    private func end() {
        let last = process.withLock { process in
            defer { process = nil }
            return process
        }
        for pid in last?.members ?? [] { _ = Foundation.kill(pid, SIGKILL) }
    }

    // MARK: Faults

    /// Starts it again after ``stop()`` or ``kill()``, on the same port and with the same data.
    public func start() async throws {
        let arguments =
            [
                "-D", "\(directory)/data", "-p", "\(port)", "-k", directory, "-c", "listen_addresses=127.0.0.1", "-c",
                "fsync=off", "-c", "full_page_writes=off", "-c", "log_min_messages=warning",
            ] + settings.flatMap { ["-c", $0] }
        let started = try PostgresProcess(arguments, directory: directory)
        process.withLock { $0 = started }
        let deadline = ContinuousClock.now + .seconds(60)
        while try !PostgresPrograms.isReady(directory, port: port) {
            guard started.isRunning, ContinuousClock.now < deadline else {
                let log = (try? String(contentsOfFile: "\(directory)/log", encoding: .utf8)) ?? ""
                throw Failure(description: "PostgreSQL did not start: \(log.suffix(2000))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Ends it as an administrator does in a hurry: clients are told.
    public func stop() async throws { try await signal(SIGINT) }

    /// Ends it without any warning, as a crash does.
    public func kill() async throws {
        let members = try running.members
        for pid in members { _ = Foundation.kill(pid, SIGKILL) }
        try await gone()
    }

    /// Ends it and starts it again.
    public func restart() async throws {
        try await stop()
        try await start()
    }

    /// Stops the clock of all its processes: connections stay open and nothing answers.
    public func pause() throws {
        // The first one makes new ones, so it is first to stop.
        let process = try running
        _ = Foundation.kill(process.pid, SIGSTOP)
        for pid in process.members { _ = Foundation.kill(pid, SIGSTOP) }
    }

    /// Lets it go on after ``pause()``.
    public func resume() throws {
        let process = try running
        for pid in process.members.reversed() { _ = Foundation.kill(pid, SIGCONT) }
    }

    private var running: PostgresProcess {
        get throws {
            guard let process = process.withLock({ $0 }) else {
                throw Failure(description: "The server is not running.")
            }
            return process
        }
    }

    private func signal(_ number: Int32) async throws {
        _ = Foundation.kill(try running.pid, number)
        try await gone()
    }

    private func gone() async throws {
        let process = try running
        while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        self.process.withLock { $0 = nil }
    }

    /// Puts a copy of a file into the data directory, readable by the server alone.
    public func adopt(_ file: String, as name: String) throws {
        try PostgresPrograms.adopt(file, as: "\(directory)/data/\(name)")
    }

    // MARK: Databases

    /// Over TCP, with the password.
    public func url(database: String, user: String = PostgresServer.user, password: String = PostgresServer.password)
        -> String
    {
        "postgres://\(user):\(password)@127.0.0.1:\(port)/\(database)"
    }

    /// Over the unix socket, without a password.
    public func socketURL(database: String) -> String {
        let host = directory.replacingOccurrences(of: "/", with: "%2F")
        return "postgres://\(Self.user)@\(host):\(port)/\(database)"
    }

    /// Runs SQL as the owner and returns what `psql` prints: unaligned rows, `|` between columns.
    @discardableResult
    public func sql(_ text: String, database: String = "postgres") async throws -> String {
        try await PostgresPrograms.sql(text, directory: directory, port: port, user: Self.user, database: database)
    }

    /// Makes an empty database and runs `body` with its name; drops it afterwards.
    public func withDatabase<R>(_ body: (String) async throws -> R) async throws -> R {
        let name = "test_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        try await sql("CREATE DATABASE \(name)")
        let result: R
        do {
            result = try await body(name)
        } catch {
            // What cannot be dropped goes with the cluster; the test's own error is the news.
            _ = try? await sql("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
            throw error
        }
        _ = try? await sql("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        return result
    }

    /// Runs `body` with the URL of an empty database on the shared server; drops it afterwards.
    public static func withScratchDatabase<R>(_ body: (_ url: String) async throws -> R) async throws -> R {
        let server = try await shared
        return try await server.withDatabase { try await body(server.url(database: $0)) }
    }
}

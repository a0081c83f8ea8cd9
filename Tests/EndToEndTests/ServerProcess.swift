import Foundation
import Synchronization
import TestSupport

/// A running `ss-server`, as an operator starts it, or two on one PostgreSQL and one Redis.
///
/// Of two, each socket and request goes to the next one, as from a load balancer without memory. With the first signal
/// all goes to the one that had the last socket, and so does the signal.
final class ServerProcess: Sendable {
    /// The process ended before it listened.
    struct NotStarted: Error {
        let status: Int32
        let complaint: String
    }

    private struct Node: Sendable {
        let port: Int
        let process: ChildProcess
    }

    private struct Choice {
        var next = 0
        /// Where the last socket was opened.
        var last = 0
        var isPinned = false
    }

    private let nodes: [Node]
    private let choice = Mutex(Choice())

    /// The port to use next.
    var port: Int {
        choice.withLock { choice in
            if choice.isPinned { return nodes[choice.last].port }
            defer { choice.next = (choice.next + 1) % nodes.count }
            return nodes[choice.next].port
        }
    }

    var http: TestHTTP { TestHTTP(port: port) }

    /// Starts a server on a free port while `body` runs, and kills it afterwards when it still lives.
    ///
    /// - Throws: ``NotStarted`` when it does not come to listening.
    static func run<R>(
        in directory: String,
        environment: [String: String] = [:],
        arguments: [String] = [],
        _ body: (ServerProcess) async throws -> R
    ) async throws -> R {
        guard let services = TestServices.given else {
            return try await withNode(in: directory, environment: environment, arguments: arguments) { node in
                try await body(ServerProcess(nodes: [node]))
            }
        }
        let shared = try await services.environment(for: directory).merging(environment) { $1 }
        return try await withNode(in: "\(directory)/a", environment: shared, arguments: arguments) { first in
            try await withNode(in: "\(directory)/b", environment: shared, arguments: arguments) { second in
                try await body(ServerProcess(nodes: [first, second]))
            }
        }
    }

    /// Starts two servers with the same settings while `body` runs, each to be used by itself.
    static func runTwo<R>(
        in directory: String, environment: [String: String],
        _ body: (ServerProcess, ServerProcess) async throws -> R
    ) async throws -> R {
        try await withNode(in: "\(directory)/a", environment: environment, arguments: []) { first in
            try await withNode(in: "\(directory)/b", environment: environment, arguments: []) { second in
                try await body(ServerProcess(nodes: [first]), ServerProcess(nodes: [second]))
            }
        }
    }

    private static func withNode<R>(
        in directory: String, environment: [String: String], arguments: [String], _ body: (Node) async throws -> R
    ) async throws -> R {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let process = try ChildProcess(
            arguments, of: "ss-server", environment: Self.environment(directory).merging(environment) { $1 })
        defer { process.send(SIGKILL) }
        guard let port = await process.announcedPort() else {
            let result = try await process.result()
            throw NotStarted(status: result.status, complaint: result.errors)
        }
        return try await body(Node(port: port, process: process))
    }

    private init(nodes: [Node]) { self.nodes = nodes }

    /// Lets all go to one from now on: the one that had the last socket.
    func stayOnOne() { _ = pinned() }

    func signal(_ number: Int32) { pinned().process.send(number) }

    /// Waits for the end; the exit status, negative for a signal's number.
    func status() async throws -> Int32 { try await pinned().process.status() }

    /// The one the test is about from now on.
    private func pinned() -> Node {
        let index = choice.withLock { choice in
            choice.isPinned = true
            return choice.last
        }
        return nodes[index]
    }

    /// Everything it wrote to standard error, once it has ended.
    func log() async throws -> String { try await pinned().process.result().errors }

    /// Runs `ss-server` to its end.
    static func output(
        in directory: String, environment: [String: String] = [:], arguments: [String]
    ) async throws -> (status: Int32, output: String, complaints: String) {
        let shared = try await TestServices.given?.environment(for: directory) ?? [:]
        let process = try ChildProcess(
            arguments, of: "ss-server",
            environment: Self.environment(directory).merging(shared) { $1 }.merging(environment) { $1 })
        defer { process.send(SIGKILL) }
        let result = try await process.result()
        return (result.status, result.output, result.errors)
    }

    /// Opens a socket that has been greeted.
    func withSocket<R: Sendable>(
        headers: [String: String] = [:], _ body: (inout TestWebSocket) async throws -> R
    ) async throws -> R {
        let port = self.port
        choice.withLock { $0.last = nodes.firstIndex { $0.port == port } ?? 0 }
        return try await TestWebSocket.connect(to: port, headers: headers) { socket in
            _ = try await socket.next("session:ready")
            return try await body(&socket)
        }
    }

    private static func environment(_ directory: String) -> [String: String] {
        var environment = ["HOME": directory, "PORT": "0", "DATABASE_URL": "sqlite:\(directory)/data/chat.sqlite"]
        environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        return environment
    }
}

extension ChildProcess {
    /// The port a server says it is at; nil when it ends without saying so.
    func announcedPort() async -> Int? {
        await output.contains("\n")
        let line = output.text.split(separator: "\n").first { $0.contains("Simple Stream is at ") }
        return line?.split(separator: ":").last.flatMap { Int($0) }
    }
}

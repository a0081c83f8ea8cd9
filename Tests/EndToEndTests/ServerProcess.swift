import Foundation
import TestSupport

/// A running `ss-server`, as an operator starts it.
final class ServerProcess: Sendable {
    /// The process ended before it listened.
    struct NotStarted: Error {
        let status: Int32
        let complaint: String
    }

    let port: Int
    private let process: ChildProcess

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
        let process = try ChildProcess(
            arguments, of: "ss-server", environment: Self.environment(directory).merging(environment) { $1 })
        defer { process.send(SIGKILL) }
        guard let port = await process.announcedPort() else {
            let result = try await process.result()
            throw NotStarted(status: result.status, complaint: result.errors)
        }
        return try await body(ServerProcess(port: port, process: process))
    }

    private init(port: Int, process: ChildProcess) {
        self.port = port
        self.process = process
    }

    func signal(_ number: Int32) { process.send(number) }

    /// Waits for the end; the exit status, negative for a signal's number.
    func status() async throws -> Int32 { try await process.status() }

    /// Opens a socket that has been greeted.
    func withSocket<R: Sendable>(_ body: (inout TestWebSocket) async throws -> R) async throws -> R {
        try await TestWebSocket.connect(to: port) { socket in
            _ = try await socket.next("session:ready")
            return try await body(&socket)
        }
    }

    private static func environment(_ directory: String) -> [String: String] {
        var environment = ["HOME": directory, "PORT": "0", "DATABASE_URL": "sqlite:\(directory)/data/chat.sqlite"]
        for name in ["PATH", "LD_LIBRARY_PATH"] { environment[name] = ProcessInfo.processInfo.environment[name] }
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

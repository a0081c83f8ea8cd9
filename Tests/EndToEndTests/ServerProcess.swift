import Foundation
import SimpleStreamKit
import Synchronization
import TestSupport

/// A running `ss-server`, as an operator starts it.
final class ServerProcess: Sendable {
    /// The process ended before it listened.
    struct NotStarted: Error {
        let status: Int32
        let complaint: String
    }

    let port: Int
    let pid: Int32
    private let ending: AsyncStream<Int32>

    var http: TestHTTP { TestHTTP(port: port) }

    private init(port: Int, pid: Int32, ending: AsyncStream<Int32>) {
        self.port = port
        self.pid = pid
        self.ending = ending
    }

    /// Starts a server on a free port while `body` runs, and kills it afterwards when it still lives.
    ///
    /// - Throws: ``NotStarted`` when it does not come to listening.
    static func run<R>(
        in directory: String,
        environment: [String: String] = [:],
        arguments: [String] = [],
        _ body: (ServerProcess) async throws -> R
    ) async throws -> R {
        let process = Process()
        let output = Pipe()
        let complaints = Pipe()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = Self.environment(directory).merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = complaints
        let (ending, ended) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            ended.yield(process.terminationStatus)
            ended.finish()
        }
        // Read all the time, so that the process never waits for us.
        let lines = Lines(output.fileHandleForReading)
        let log = Lines(complaints.fileHandleForReading)
        try process.run()
        let pid = process.processIdentifier
        defer { if process.isRunning { kill(pid, SIGKILL) } }
        guard let line = await lines.first(), let port = line.split(separator: ":").last.flatMap({ Int($0) }) else {
            process.waitUntilExit()
            throw NotStarted(status: process.terminationStatus, complaint: await log.all())
        }
        return try await body(ServerProcess(port: port, pid: pid, ending: ending))
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for the end; the exit status, or the signal's number.
    func status() async -> Int32? { await ending.first { _ in true } }

    /// Opens a socket that has been greeted.
    func withSocket<R: Sendable>(_ body: (inout TestWebSocket) async throws -> R) async throws -> R {
        try await TestWebSocket.connect(to: port) { socket in
            _ = try await socket.next("session:ready")
            return try await body(&socket)
        }
    }

    /// Beside the test bundle, where the build puts both.
    private static let executable = URL(fileURLWithPath: CommandLine.arguments[0])
        .deletingLastPathComponent().appendingPathComponent("ss-server")

    private static func environment(_ directory: String) -> [String: String] {
        var environment = ["HOME": directory, "PORT": "0", "DATABASE_URL": "sqlite:\(directory)/data/chat.sqlite"]
        for name in ["PATH", "LD_LIBRARY_PATH"] { environment[name] = ProcessInfo.processInfo.environment[name] }
        return environment
    }
}

/// The lines a process writes, as they come.
private final class Lines: Sendable {
    private let stream: AsyncStream<String>

    init(_ handle: FileHandle) {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        self.stream = stream
        let partial = Mutex("")
        handle.readabilityHandler = { handle in
            let data = handle.availableData
            guard !data.isEmpty else {
                handle.readabilityHandler = nil
                continuation.finish()
                return
            }
            let lines = partial.withLock { partial in
                partial += String(decoding: data, as: UTF8.self)
                var lines = partial.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                partial = lines.removeLast()
                return lines
            }
            for line in lines { continuation.yield(line) }
        }
    }

    /// The first line; nil when there is none.
    func first() async -> String? { await stream.first { _ in true } }

    /// All lines to the end.
    func all() async -> String { await stream.reduce(into: "") { $0 += $1 + "\n" } }
}

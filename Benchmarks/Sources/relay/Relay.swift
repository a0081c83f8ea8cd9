import ArgumentParser
import Foundation
import NIOCore
import NIOPosix

/// Measures what one relayed token costs the whole server process.
///
/// An upstream of our own streams tokens through ss-server to as many WebSocket clients; only the server's CPU time is
/// counted, as the kernel tells it. Linux only.
@main
struct Relay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "CPU per relayed token through a whole ss-server.")

    @Option(help: "The ss-server to measure; a release build.") var server: String
    @Option(help: "Concurrent answers.") var streams = 200
    @Option(help: "Milliseconds between the tokens of one answer in the paced part.") var interval = 20
    @Option(help: "Tokens of one answer in the paced part.") var paced = 250
    @Option(help: "Tokens of one answer in the flat-out part.") var flatOut = 5_000
    @Option(help: "Idle connections for the memory part.") var idle = 1_000

    func run() async throws {
        print("relay: \(streams) streams, \(ProcessInfo.processInfo.processorCount) cores")
        try await measure(
            "\(interval) ms a token", tokens: paced, interval: .milliseconds(Int64(interval)), design: "55")
        try await measure("flat out", tokens: flatOut, interval: nil, design: "3.8")
        try await measureIdle()
    }

    private func measure(_ name: String, tokens: Int, interval: TimeAmount?, design: String) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let upstream = try await Upstream(group: group, tokens: tokens, interval: interval)
        let process = try ServerProcess(binary: server, upstreamPort: upstream.port)
        defer { process.stop() }
        var clients: [(channel: any Channel, done: EventLoopFuture<Client.Result>)] = []
        for _ in 0..<streams { clients.append(try await Client.connect(to: process.port, group: group)) }
        let before = try process.cpuSeconds()
        let start = ContinuousClock.now
        for client in clients { Client.ask(client.channel) }
        var results: [Client.Result] = []
        for client in clients { results.append(try await client.done.get()) }
        let wall = start.duration(to: .now)
        let cpu = try process.cpuSeconds() - before
        let relayed = streams * tokens
        let whole = results.count { $0.answerLength == tokens * Upstream.token.utf8.count }
        let frames = results.reduce(0) { $0 + $1.frames }
        let bytes = results.reduce(0) { $0 + $1.bytes }
        print(
            """
            \(name): \(format(cpu / Double(relayed) * 1e6)) us CPU a token (design's prototype: \(design)), \
            \(relayed) tokens in \(wall), \(frames) frames, \(format(Double(bytes) / Double(relayed))) bytes a token, \
            \(whole) of \(streams) answers whole, \(try process.residentKiB() / 1024) MiB resident
            """)
        guard whole == streams else { throw BenchmarkError("answers are missing text") }
        try await upstream.close()
        try await group.shutdownGracefully()
    }

    private func measureIdle() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let process = try ServerProcess(binary: server, upstreamPort: 1)
        defer { process.stop() }
        _ = try await Client.connect(to: process.port, group: group)
        let before = try process.residentKiB()
        for _ in 0..<idle { _ = try await Client.connect(to: process.port, group: group) }
        let after = try process.residentKiB()
        print("idle: \(format(Double(after - before) / Double(idle))) KiB resident a connection (\(idle) connections)")
        try await group.shutdownGracefully()
    }

    private func format(_ value: Double) -> String { String(format: "%.1f", value) }
}

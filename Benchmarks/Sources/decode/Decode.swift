import ArgumentParser
import Foundation
import SimpleStreamKit

/// Measures what reading one event of a provider's stream costs, from bytes to reply events.
@main
struct Decode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "CPU per event for each wire format.")

    @Option(help: "Text deltas of one reply.") var deltas = 100_000
    @Option(help: "Bytes that arrive at once.") var piece = 16_384
    @Option(help: "How often each reply is read; the best run counts.") var runs = 5

    func run() async throws {
        for wire in WireName.all {
            guard let bytes = Streams.stream(wire.rawValue, deltas: deltas) else {
                throw ValidationError("there is no stream for \(wire.rawValue)")
            }
            var description = try ProviderDescription(
                named: "bench", wire: wire, baseURL: "https://bench.example/v1")
            description.maxAnswerBytes = .max
            let provider = HTTPChatProvider(description, transport: ReplayTransport(bytes: bytes, pieceSize: piece))
            var best = Double.infinity
            for _ in 0..<runs { best = min(best, try await read(provider)) }
            let each = String(format: "%.3f", best / Double(deltas) * 1e6)
            print("\(wire.rawValue): \(each) us CPU an event, \(bytes.count / deltas) bytes an event")
        }
    }

    /// CPU seconds of reading one reply.
    private func read(_ provider: HTTPChatProvider) async throws -> Double {
        let prompt = Prompt(model: "m", messages: [.user("go")])
        let start = Self.cpuSeconds()
        let length = try await provider.withReply(to: prompt, using: Credential(key: Secret("none"))) { reply in
            var length = 0
            for try await event in reply {
                if case .text(let text) = event { length += text.utf8.count }
            }
            return length
        }
        guard length >= deltas * " token".utf8.count else { throw ValidationError("text is missing") }
        return Self.cpuSeconds() - start
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

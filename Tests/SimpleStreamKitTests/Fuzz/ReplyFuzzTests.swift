import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Broken replies end in one result, in bounded time and room.
///
/// Seeded: every run is the same. `SS_FUZZ_ROUNDS` says how often each reply is broken, `SS_FUZZ_SEED` how otherwise;
/// `scripts/sanitize fuzz` runs many rounds under the sanitizers.
@Suite("Broken replies", .serialized)
struct ReplyFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let rounds = environment["SS_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 8
    private static let seed = environment["SS_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

    /// Reads a whole reply as a provider does, in chunks of any size.
    private static func read(
        _ bytes: [UInt8], _ provider: ProviderDescription, _ generator: inout SeededGenerator
    ) async -> ReplySummary {
        var chunks: [[UInt8]] = []
        var start = 0
        let most = [1, 7, 64, 1_500, 1 << 16].randomElement(using: &generator) ?? 64
        while start < bytes.count {
            // Short chunks for short replies only: what matters is where the cuts are.
            let size = bytes.count > 20_000 ? max(most, 700) : most
            let end = min(bytes.count, start + Int.random(in: 1...size, using: &generator))
            chunks.append(Array(bytes[start..<end]))
            start = end
        }
        let transport = ScriptedTransport(.init(chunks: chunks))
        var summary = ReplySummary()
        do {
            let key = Credential(key: Secret("test"))
            try await HTTPChatProvider(provider, transport: transport)
                .withReply(to: Prompt(model: "m", messages: [.user("Hi")]), using: key) { events in
                    for try await event in events { summary.add(event) }
                }
        } catch let error as ChatError {
            summary.errorCode = error.code
        } catch {
            summary.violations.append("a foreign error: \(error)")
        }
        if (summary.finish == nil) == (summary.errorCode == nil) { summary.violations.append("not exactly one result") }
        return summary
    }

    /// What came out is in proportion to what went in.
    private static func size(of summary: ReplySummary) -> Int {
        summary.text.utf8.count + summary.thinking.utf8.count
            + summary.tools.reduce(0) { $0 + $1.arguments.utf8.count }
            + summary.serverTools.reduce(0) { $0 + ($1.input?.utf8.count ?? 0) + ($1.output?.utf8.count ?? 0) }
            + (summary.state?.json.utf8.count ?? 0)
    }

    private static func check(_ summary: ReplySummary, of bytes: [UInt8], _ what: String) {
        // Ids that repeat, and steps of calls that were never begun, are the damage itself.
        let broken = summary.violations.filter { !$0.contains("started") }
        #expect(broken == [], "\(what)")
        #expect(size(of: summary) <= 4 * bytes.count + 4_096, "\(what)")
        for text in [summary.text, summary.thinking] {
            #expect(text.utf8.count <= bytes.count * 3, "\(what)")
        }
    }

    @Test("Mutated replies end in one result", arguments: FuzzSeed.all)
    func mutations(seed: FuzzSeed) async {
        // Long recordings repeat themselves; a part of them is broken as well as all.
        let bytes = Array(seed.bytes.prefix(40_000))
        var generator = SeededGenerator(seed: Self.seed &+ UInt64(bytes.count))
        for round in 0..<Self.rounds {
            let other = FuzzSeed.all.randomElement(using: &generator)?.bytes ?? []
            let broken = Mutation.mutated(bytes, with: other, by: &generator)
            let summary = await Self.read(broken, seed.provider, &generator)
            Self.check(summary, of: broken, "\(seed) round \(round)")
        }
    }

    @Test("Every prefix ends in one result, and its text is the start of the whole", arguments: FuzzSeed.all)
    func prefixes(seed: FuzzSeed) async {
        var generator = SeededGenerator(seed: Self.seed)
        let whole = await Self.read(seed.bytes, seed.provider, &generator)
        let step = max(1, seed.bytes.count / (Self.rounds * 5))
        for count in stride(from: 0, to: seed.bytes.count, by: step) {
            let prefix = Array(seed.bytes.prefix(count))
            let summary = await Self.read(prefix, seed.provider, &generator)
            Self.check(summary, of: prefix, "\(seed) up to \(count)")
            #expect(whole.text.utf8.starts(with: summary.text.utf8), "\(seed) up to \(count)")
        }
    }

    @Test("Noise ends in one result", arguments: [ProviderDescription.openAI, .vercel, .anthropic, .gemini].indices)
    func noise(index: Int) async {
        let provider = [ProviderDescription.openAI, .vercel, .anthropic, .gemini][index]
        var generator = SeededGenerator(seed: Self.seed &+ UInt64(index))
        for _ in 0..<Self.rounds * 10 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...2_000, using: &generator) {
                bytes.append(.random(in: 0...255, using: &generator))
            }
            if Bool.random(using: &generator) { bytes = Array("data: {\"".utf8) + bytes }
            Self.check(await Self.read(bytes, provider, &generator), of: bytes, provider.name)
        }
    }

    @Test("Broken error bodies become errors that hold no key")
    func errorBodies() {
        var generator = SeededGenerator(seed: Self.seed)
        let made =
            #"[{"error":{"code":429,"message":"Incorrect API key sk-proj-abcdefghij0123456789 retry in 2.3s","details":[{"retryDelay":"34s"}]}}]"#
        let recorded = Fixtures.cases(in: ["anthropic", "compat", "gemini", "meta", "openai", "vercel", "xai"])
            .filter { $0.format == "http-error" }.map(\.bytes)
        for body in [Array(made.utf8)] + recorded {
            for _ in 0..<Self.rounds {
                let broken = Mutation.mutated(body, with: Array(made.utf8), by: &generator)
                for provider in ProviderListing.builtIn {
                    let failure = WireFailure(
                        status: Int.random(in: 100...599, using: &generator),
                        headers: ["retry-after": String(decoding: broken.prefix(40), as: UTF8.self)], body: broken)
                    let error = provider.wire.failure(failure)
                    #expect(!error.message.isEmpty && error.message.utf8.count < 300)
                    #expect((error.retryAfter ?? .zero) >= .zero && (error.retryAfter ?? .zero) <= .seconds(86_400))
                }
            }
        }
    }
}

@Suite("Replies without an end to them")
struct EndlessReplyTests {
    private func result(of piece: String, times count: Int, _ provider: ProviderDescription) async -> ReplySummary {
        let transport = ScriptedTransport(.init(chunks: Array(repeating: Array(piece.utf8), count: count)))
        var summary = ReplySummary()
        do {
            try await HTTPChatProvider(provider, transport: transport)
                .withReply(to: Prompt(model: "m", messages: [.user("Hi")]), using: Credential(key: Secret("k"))) {
                    events in
                    for try await event in events {
                        if case .tool = event { continue }
                        summary.add(event)
                    }
                }
        } catch {
            summary.errorCode = (error as? ChatError)?.code
        }
        return summary
    }

    @Test(
        "Calls without number are cut off",
        arguments: [
            (
                ProviderDescription.vercel.name,
                #"data: {"choices":[{"delta":{"tool_calls":[{"id":"@","function":{"name":"f","arguments":"1"}}]}}]}"#
            ),
            (
                ProviderDescription.openAI.name,
                #"data: {"type":"response.output_item.added","output_index":@,"item":{"type":"function_call","call_id":"@","name":"f"}}"#
            ),
            (
                ProviderDescription.anthropic.name,
                #"data: {"type":"content_block_start","index":@,"content_block":{"type":"tool_use","id":"@","name":"f","input":{}}}"#
            ),
            (
                ProviderDescription.gemini.name,
                #"data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}]}}]}"#
            ),
        ])
    func calls(name: String, piece: String) async throws {
        let provider = try #require(ProviderListing.named(name))
        // 20,000 calls, each of its own.
        var chunks: [[UInt8]] = []
        for start in stride(from: 0, to: 20_000, by: 200) {
            chunks.append((start..<start + 200).flatMap { Array((piece.replacing("@", with: "\($0)") + "\n\n").utf8) })
        }
        let transport = ScriptedTransport(.init(chunks: chunks))
        var started = 0
        let error = await #expect(throws: ChatError.self) {
            try await HTTPChatProvider(provider, transport: transport)
                .withReply(to: Prompt(model: "m", messages: [.user("Hi")]), using: Credential(key: Secret("k"))) {
                    events in
                    for try await event in events {
                        if case .tool(let tool) = event, tool.phase == .started { started += 1 }
                    }
                }
        }
        #expect(error?.code == .providerProtocol)
        #expect(started <= 20_000)
    }

    @Test("An answer that goes on is cut off at its bound")
    func text() async {
        let word = String(repeating: "word ", count: 200)
        var provider = ProviderDescription.vercel
        provider.maxAnswerBytes = 100_000
        let piece = #"data: {"choices":[{"delta":{"content":"\#(word)"}}]}"# + "\n\n"
        let summary = await result(of: piece, times: 2_000, provider)
        #expect(summary.errorCode == .providerProtocol)
        // What came in the read that passed the bound is still shown.
        #expect(summary.text.utf8.count <= 100_000 + word.utf8.count)
    }

    @Test("A signature that goes on is not kept")
    func signature() async {
        let long = String(repeating: "a", count: 20_000)
        let start = #"data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking"}}"# + "\n\n"
        let piece =
            #"data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"\#(long)"}}"#
        let end =
            #"data: {"type":"content_block_stop","index":0}"# + "\n\n" + #"data: {"type":"message_stop"}"# + "\n\n"
        var bytes = Array(start.utf8)
        for _ in 0..<200 { bytes += Array((piece + "\n\n").utf8) }
        bytes += Array(end.utf8)
        let items = try? EventStreamParser.items(of: bytes, chunkSize: 4_096)
        var decoder = AnthropicFormat().makeDecoder()
        let summary = decoder.summary(of: items ?? [])
        #expect(summary.finish == .stop)
        #expect(summary.state == nil)
    }
}

@Suite("Events nobody knows")
struct SkippedEventTests {
    @Test(
        "They are counted, and change nothing",
        arguments: [
            (
                ProviderDescription.openAI.name, #"{"type":"response.telepathy.delta","delta":"x"}"#,
                "response.telepathy.delta"
            ),
            (ProviderDescription.anthropic.name, #"{"type":"telepathy","x":1}"#, "telepathy"),
            (
                ProviderDescription.anthropic.name,
                #"{"type":"content_block_start","index":9,"content_block":{"type":"telepathy"}}"#, "block telepathy"
            ),
            (ProviderDescription.gemini.name, #"{"candidates":[{"content":{"parts":[{"telepathy":1}]}}]}"#, "part"),
        ])
    func counted(name: String, event: String, kind: String) throws {
        let seed = try #require(FuzzSeed.all.first { $0.provider.name == name && $0.description.hasPrefix("made") })
        let items = try EventStreamParser.items(of: seed.bytes, chunkSize: 64)
        let whole = seed.provider.wire.summary(ofItems: items)
        var more = items
        more.insert(.event(ServerSentEvent(data: Array(event.utf8))), at: 2)
        var summary = seed.provider.wire.summary(ofItems: more)
        #expect(summary.skipped == [kind])
        summary.skipped = []
        #expect(summary == whole)
    }

    @Test("Many kinds take little room")
    func bounded() {
        var skipped = SkippedEvents()
        for number in 0..<1_000 { skipped.note("kind \(number)") }
        #expect(skipped.count == 1_000)
        #expect(skipped.kinds.count <= 17)
    }

    @Test("Recordings hold nothing that is not known", .enabled(if: Fixtures.areAvailable, "\(Fixtures.hint)"))
    func recordings() throws {
        // Put in by the collection, or of tools that nobody here asks for.
        var kinds: Set<String> = []
        for seed in FuzzSeed.all where !seed.description.hasPrefix("made") {
            let summary = seed.provider.wire.summary(
                ofItems: try EventStreamParser.items(of: seed.bytes, chunkSize: 4_096))
            kinds.formUnion(summary.skipped)
        }
        #expect(kinds.count < 12, "\(kinds.sorted())")
    }
}

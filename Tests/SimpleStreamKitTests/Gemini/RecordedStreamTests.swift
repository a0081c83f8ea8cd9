import SimpleStreamKit
import TestSupport
import Testing

/// The recordings of Anthropic and Gemini, and of others that speak like them.
@Suite("Recorded streams of Anthropic and Gemini", .enabled(if: Fixtures.areAvailable, "\(Fixtures.hint)"))
struct RecordedStreamTests {
    static let cases = Fixtures.cases(in: ["anthropic", "gemini", "vercel", "compat"])
    static let streams = cases.filter { ["anthropic", "gemini", "gemini-array"].contains($0.format) }
    static let errors = cases.filter {
        ["anthropic", "gemini"].contains($0.folder) && $0.format == "http-error" && !$0.file.contains(".200.")
    }

    private static func summary(_ fixture: FixtureCase, _ items: [EventStreamParser.Item]) -> ReplySummary {
        if fixture.format == "anthropic" {
            var decoder = AnthropicFormat(provider: fixture.folder).makeDecoder()
            return decoder.summary(of: items)
        }
        var decoder = GeminiFormat().makeDecoder()
        return decoder.summary(of: items)
    }

    @Test func thereAreRecordings() {
        #expect(Self.streams.count >= 60)
        #expect(Self.errors.count >= 25)
    }

    @Test("A stream says what it should", arguments: streams)
    func decodes(fixture: FixtureCase) throws {
        let items = try EventStreamParser.items(of: fixture.bytes, chunkSize: 4096)
        let summary = Self.summary(fixture, items)
        // The array was made of another recording and has no expectations of its own.
        guard let expected = fixture.expected else {
            #expect(summary.text == "The capital of Wyoming is **Cheyenne**.\n" && summary.finish == .stop)
            return
        }
        #expect(summary.violations == [])
        if fixture.file == "tool-search.sse" {
            // Two replies in one file, and so are its expectations; a reply ends with its message_stop.
            #expect(expected["text"]?.string?.hasPrefix(summary.text) == true && summary.finish == .toolCalls)
            return
        }
        #expect(summary.text == expected["text"]?.string ?? "")
        #expect(summary.thinking == expected["thinking"]?.string ?? "")
        #expect(summary.citations.isEmpty == (expected["citations"]?.int ?? 0 == 0))
        if fixture.format == "anthropic" { #expect(summary.citations.count == expected["citations"]?.int) }
        #expect(summary.images.count == expected["images"]?.int ?? 0)
        expectEnd(summary, expected, of: fixture)
        expectTools(summary, expected)
        if expected["has_signature_or_encrypted_reasoning"] == true, summary.finish == .toolCalls {
            #expect(summary.state != nil)
        }
        if let usage = expected["usage_normalised"], usage["input"] != nil { expectUsage(summary.usage, usage) }
        for citation in summary.citations {
            guard let start = citation.start, let end = citation.end else { continue }
            #expect(0 <= start && start <= end && end <= summary.text.unicodeScalars.count)
        }
    }

    private func expectEnd(_ summary: ReplySummary, _ expected: JSONValue, of fixture: FixtureCase) {
        switch expected["finish"]?.string {
        case "error", nil: #expect(summary.errorCode != nil && summary.finish == nil)
        // Here the whole prompt was refused, which is an error of ours.
        case "contentFilter" where fixture.file.hasPrefix("prompt-blocked"):
            #expect(summary.errorCode == .contentFiltered)
        case "toolCalls": #expect(summary.finish == .toolCalls)
        case "contentFilter": #expect(summary.finish == .contentFilter)
        case let name?: #expect(summary.finish == FinishReason(rawValue: name))
        }
    }

    private func expectTools(_ summary: ReplySummary, _ expected: JSONValue) {
        let tools = expected["tool_calls"]?.array ?? []
        #expect(
            summary.tools.filter { !summary.cutTools.contains($0.id) }.map(\.name) == tools.map { $0["name"]?.string })
        let whole = summary.tools.filter { !summary.cutTools.contains($0.id) }
        for (tool, expected) in zip(whole, tools) {
            let arguments = try? JSONValue(parsing: tool.arguments)
            // The collection left the paths of arguments in pieces as they were.
            let given = expected["arguments"]
            let parsed = given?.string.flatMap { try? JSONValue(parsing: $0) } ?? given
            let plain = parsed?.object?.members.map { member in
                (key: member.key.hasPrefix("$.") ? String(member.key.dropFirst(2)) : member.key, value: member.value)
            }
            for member in plain ?? [] { #expect(arguments?[member.key] == member.value) }
            #expect(arguments?.object?.count == plain?.count)
        }
    }

    private func expectUsage(_ usage: TokenUsage?, _ expected: JSONValue) {
        #expect(usage?.inputTokens == expected["input"]?.int)
        #expect(usage?.outputTokens == expected["output"]?.int)
        #expect(usage?.cachedInputTokens == expected["cached_input"]?.int ?? 0)
        #expect(usage?.reasoningTokens == expected["reasoning"]?.int ?? 0)
        #expect(usage?.cacheWriteTokens == expected["cache_write"]?.int ?? 0)
    }

    @Test("Any cut gives the same reply", arguments: 1...64)
    func cuts(size: Int) throws {
        for fixture in Self.streams {
            let whole = try EventStreamParser.items(of: fixture.bytes, chunkSize: 1 << 20)
            #expect(try EventStreamParser.items(of: fixture.bytes, chunkSize: size) == whole, "\(fixture.path)")
        }
    }

    @Test("Random cuts give the same reply", arguments: streams)
    func randomCuts(fixture: FixtureCase) throws {
        let bytes = fixture.bytes
        let whole = try EventStreamParser.items(of: bytes, chunkSize: 1 << 20)
        var generator = SeededGenerator(seed: UInt64(bytes.count))
        var parser = EventStreamParser()
        var items: [EventStreamParser.Item] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...2_000, using: &generator))
            parser.append(Array(bytes[start..<end]))
            while let item = try parser.next() { items.append(item) }
            start = end
        }
        if let event = try parser.end() { items.append(.event(event)) }
        #expect(items == whole)
        #expect(Self.summary(fixture, items) == Self.summary(fixture, whole))
    }

    @Test("A cut stream ends once, in an error or early text", arguments: streams)
    func prefixes(fixture: FixtureCase) throws {
        let items = try EventStreamParser.items(of: fixture.bytes, chunkSize: 1 << 20)
        let whole = Self.summary(fixture, items)
        for count in stride(from: 0, to: items.count, by: max(1, items.count / 40)) {
            let summary = Self.summary(fixture, Array(items[..<count]))
            #expect(summary.violations == [])
            #expect(whole.text.utf8.starts(with: summary.text.utf8))
        }
    }

    @Test("Changed bytes end in a result or an error", arguments: streams)
    func mutations(fixture: FixtureCase) throws {
        var generator = SeededGenerator(seed: UInt64(fixture.bytes.count))
        let bytes = Array(fixture.bytes.prefix(20_000))
        for _ in 0..<12 {
            var changed = bytes
            for _ in 0..<5 {
                changed[Int.random(in: changed.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            let items = try EventStreamParser.items(of: changed, chunkSize: 4096)
            #expect(Self.summary(fixture, items).violations == [])
        }
    }

    @Test("Lost and doubled lines end in a result or an error", arguments: streams)
    func lines(fixture: FixtureCase) throws {
        let items = try EventStreamParser.items(of: fixture.bytes, chunkSize: 1 << 20)
        for index in stride(from: 0, to: items.count, by: max(1, items.count / 20)) {
            var lost = items
            lost.remove(at: index)
            #expect(Self.summary(fixture, lost).violations.filter { !$0.hasSuffix("was not started") } == [])
            var doubled = items
            doubled.insert(items[index], at: index)
            #expect(Self.summary(fixture, doubled).violations.filter { !$0.hasSuffix("started twice") } == [])
        }
    }

    @Test("An error body means what it should", arguments: errors)
    func errorBodies(fixture: FixtureCase) throws {
        let failure = fixture.failure
        let error = fixture.folder == "gemini" ? GeminiFormat().failure(failure) : AnthropicFormat().failure(failure)
        let codes: [String: ChatError.Code] = [
            "auth": .providerAuth, "permission": .providerPermission, "notFound": .providerModelNotFound,
            "rateLimited": .providerRateLimited, "quotaExhausted": .providerQuotaExhausted,
            "overloaded": .providerOverloaded, "contextLengthExceeded": .contextLengthExceeded,
            "contentFiltered": .contentFiltered, "invalidRequest": .providerInvalidRequest,
            "server": .providerUnavailable,
        ]
        let word = fixture.error.dropFirst(3).prefix { $0.isLetter }
        #expect(error.code == codes[String(word)], "\(error.debugDescription)")
        if fixture.file.hasPrefix("err-429-retry-info") { #expect(error.retryAfter == .milliseconds(34_400)) }
        if fixture.file.hasPrefix("err-rate-limit") { #expect(error.retryAfter == .seconds(21)) }
        #expect(!error.debugDescription.contains("AIza"))
    }
}

import SimpleStreamKit
import TestSupport
import Testing

@Suite("Recorded streams of OpenAI and its copies", .enabled(if: Fixtures.areAvailable, "\(Fixtures.hint)"))
struct OpenAIFixtureTests {
    static let folders = ["openai", "xai", "meta", "vercel", "compat"]
    static let streams = Fixtures.cases(in: folders).filter {
        ["chat", "responses", "ollama-native", "llama"].contains($0.format)
    }
    /// Every stream once, with what it holds when it arrives at once.
    static let recordings: [(path: String, bytes: [UInt8], items: [EventStreamParser.Item])] = streams.map {
        let bytes = $0.bytes
        return ($0.path, bytes, (try? EventStreamParser.items(of: bytes, chunkSize: 1 << 20)) ?? [])
    }

    /// Good statuses are judged elsewhere: by the decoder, or by the check of a key.
    static let errors = Fixtures.cases(in: folders).filter {
        $0.format == "http-error" && $0.error.hasPrefix("-> ") && !$0.file.contains(".200.")
    }

    @Test("A stream says what it should", arguments: streams)
    func decodes(fixture: FixtureCase) throws {
        let items = try EventStreamParser.items(of: fixture.bytes, chunkSize: 4096)
        let summary = fixture.decodeAll(items)
        let expected = try #require(fixture.expected)
        #expect(summary.violations == [])
        #expect(summary.text == (expected["text"]?.string ?? "") + (expected["refusal"]?.string ?? ""))
        #expect(summary.thinking == expected["thinking"]?.string ?? "")
        #expect(summary.citations.count == expected["citations"]?.int ?? 0)
        #expect(summary.images.count == expected["images"]?.int ?? 0)
        let isFailure = expected["finish"] == "error"
        #expect((summary.errorCode != nil) == isFailure)
        // Of joined streams only the last one's end is left.
        if !isFailure, !fixture.isJoined(items) {
            #expect(summary.finish == FinishReason(fixture: expected["finish"]?.string))
        }
        try expectTools(summary, expected)
        if let usage = expected["usage_normalised"], usage["input"] != nil { expectUsage(summary.usage, usage) }
    }

    private func expectTools(_ summary: ReplySummary, _ expected: JSONValue) throws {
        let tools = expected["tool_calls"]?.array ?? []
        #expect(summary.tools.map(\.name) == tools.map { $0["name"]?.string })
        for (tool, expected) in zip(summary.tools, tools) {
            if let id = expected["id"]?.string { #expect(tool.id == id) }
            let wanted = expected["arguments"]
            let text = wanted?.string ?? wanted?.text
            // Servers that send an object have no spelling of their own to keep.
            let parsed = try? JSONValue(parsing: tool.arguments)
            let isSame =
                tool.arguments == text || parsed == wanted
                || parsed == (text.flatMap { try? JSONValue(parsing: $0) } ?? .null)
            #expect(isSame, "\(tool.arguments) for \(text ?? "nothing")")
        }
    }

    private func expectUsage(_ usage: TokenUsage?, _ expected: JSONValue) {
        #expect(usage?.inputTokens == expected["input"]?.int)
        #expect(usage?.outputTokens == expected["output"]?.int)
        #expect(usage?.cachedInputTokens == expected["cached_input"]?.int ?? 0)
        #expect(usage?.reasoningTokens == expected["reasoning"]?.int ?? 0)
        #expect(usage?.cacheWriteTokens == expected["cache_write"]?.int ?? 0)
    }

    @Test("Any cut gives the same events", arguments: 1...64)
    func cuts(size: Int) throws {
        for recording in Self.recordings {
            let cut = try EventStreamParser.items(of: recording.bytes, chunkSize: size)
            #expect(recording.items == cut, "\(recording.path)")
        }
    }

    @Test("A cut stream ends once, in an error or early text", arguments: streams)
    func prefixes(fixture: FixtureCase) throws {
        let items = try EventStreamParser.items(of: fixture.bytes, chunkSize: 1 << 20)
        let whole = fixture.decode(items)
        for count in stride(from: 0, to: items.count, by: max(1, items.count / 12)) {
            let summary = fixture.decode(Array(items[..<count]))
            #expect(summary.violations == [])
            #expect(whole.text.hasPrefix(summary.text))
        }
    }

    @Test("Changed bytes end in a result or an error", arguments: streams)
    func mutations(fixture: FixtureCase) throws {
        var generator = SeededGenerator(seed: UInt64(fixture.bytes.count))
        let bytes = Array(fixture.bytes.prefix(20_000))
        for _ in 0..<5 {
            var changed = bytes
            for _ in 0..<5 {
                changed[Int.random(in: changed.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            let items = try EventStreamParser.items(of: changed, chunkSize: 4096)
            #expect(fixture.decode(items).violations == [])
        }
    }

    @Test("An error body means what it should", arguments: errors)
    func errorBodies(fixture: FixtureCase) throws {
        let decoder = FailureDecoder(providerName: "Provider")
        let failure = fixture.failure
        let error = decoder.error(failure)
        let words = fixture.error.dropFirst(3).prefix { $0 != " " && $0 != "(" && $0 != "|" }
        #expect(error.code == ChatError.Code(fixture: String(words)), "\(error.debugDescription)")
        if fixture.error.contains("(blocked)") {
            #expect(decoder.meaning(of: failure) == .keyBlocked)
        }
        #expect(error.debugDescription.contains("sk-inval") == false)
    }
}

extension FixtureCase {
    func decode(_ items: [EventStreamParser.Item]) -> ReplySummary {
        let failures = FailureDecoder(providerName: "Provider")
        if format == "responses" {
            var decoder = ResponsesFormat(provider: folder, quirks: quirks, failures: failures).makeDecoder()
            return decoder.summary(of: items)
        }
        var decoder = ChatCompletionsFormat(provider: folder, quirks: chatQuirks, failures: failures).makeDecoder()
        return decoder.summary(of: items)
    }

    /// Whether somebody joined the streams of several responses.
    func isJoined(_ items: [EventStreamParser.Item]) -> Bool { items.filter(Self.isStart).count > 1 }

    private static func isStart(_ item: EventStreamParser.Item) -> Bool {
        guard case .event(let event) = item else { return false }
        return JSONView(event.data)["type"]?.equals("response.created") == true
    }

    /// Decodes one stream, or several that were joined.
    func decodeAll(_ items: [EventStreamParser.Item]) -> ReplySummary {
        var streams: [[EventStreamParser.Item]] = [[]]
        for item in items {
            if Self.isStart(item), streams != [[]] { streams.append([]) }
            streams[streams.count - 1].append(item)
        }
        return streams.map(decode).reduce(into: ReplySummary()) { $0.append($1) }
    }

    var quirks: ResponsesQuirks {
        switch folder {
        case "openai": .openAI
        case "xai": .xAI
        case "meta": .meta
        default: .compatible
        }
    }

    var chatQuirks: ChatCompletionsQuirks {
        switch folder {
        case "openai": .openAI
        case "xai": .xAI
        case "meta": .meta
        case "vercel": file.hasPrefix("v0") ? .v0 : .vercel
        default: file.hasPrefix("openrouter") ? .openRouter : file.hasPrefix("deepseek") ? .deepSeek : .compatible
        }
    }
}

extension FinishReason {
    /// The name in the collection of recordings.
    init?(fixture name: String?) {
        switch name {
        case "toolCalls": self = .toolCalls
        case "contentFilter": self = .contentFilter
        case let name?: self.init(rawValue: name)
        case nil: return nil
        }
    }
}

extension ChatError.Code {
    /// The name in the collection of recordings.
    init?(fixture name: String) {
        switch name {
        case "auth": self = .providerAuth
        case "permission": self = .providerPermission
        case "notFound": self = .providerModelNotFound
        case "rateLimited": self = .providerRateLimited
        case "quotaExhausted": self = .providerQuotaExhausted
        case "overloaded": self = .providerOverloaded
        case "contextLengthExceeded": self = .contextLengthExceeded
        case "contentFiltered": self = .contentFiltered
        case "invalidRequest": self = .providerInvalidRequest
        case "server": self = .providerUnavailable
        default: return nil
        }
    }
}

/// What a run has come to: events of the provider in, numbered frames out. No I/O, no clock.
struct RunState {
    /// The most text, thinking and pictures one answer may hold, in bytes.
    static let maxBytes = 8 << 20

    let frames: RunFrames
    private(set) var seq = 0
    private(set) var content = ""
    private(set) var thinking = ""
    private(set) var thinkingDuration: Int?
    private(set) var citations: [Citation] = []
    private(set) var toolCalls: [ToolCall] = []
    private(set) var inlineData: [(mime: String, bytes: [UInt8])] = []
    private(set) var usage: TokenUsage?
    private(set) var servedModel: String?
    private(set) var providerState: ProviderState?
    private(set) var finishReason: FinishReason?
    private(set) var skipped = SkippedEvents()
    /// Whether anything was said, so that the provider must not be asked again.
    var hasBegun: Bool { seq > 0 || finishReason != nil }
    /// Bytes of text and thinking.
    var bytes: Int { content.utf8.count + thinking.utf8.count }

    private var thinkingStart: ContinuousClock.Instant?
    private var inlineBytes = 0

    init(_ run: RunIdentity) { frames = RunFrames(run) }

    /// Takes what one read of the provider gave. Neighbouring deltas become one frame.
    ///
    /// - Throws: `provider_protocol` when the answer grows too long.
    mutating func apply(_ batch: [ReplyEvent], at now: ContinuousClock.Instant) throws(ChatError) -> [Frame] {
        var result: [Frame] = []
        var index = 0
        while index < batch.count {
            switch batch[index] {
            case .text(let first):
                let text = Self.join(first, batch, &index) { if case .text(let more) = $0 { more } else { nil } }
                try say(text, in: &result)
            case .thinking(let first):
                let text = Self.join(first, batch, &index) { if case .thinking(let more) = $0 { more } else { nil } }
                try think(text, at: now, in: &result)
            case .tool(let tool): note(tool, in: &result)
            case .citations(let sources):
                citations += sources
                result.append(frames.citations(sources, seq: nextSeq()))
            case .inlineData(let mime, let data):
                inlineData.append((mime, data))
                inlineBytes += data.count
                try checkSize()
                result.append(frames.inlineData(mime: mime, bytes: data, seq: nextSeq()))
            case .usage(let counts): usage = counts
            case .model(let model): servedModel = model
            case .state(let state): providerState = state
            case .finished(let reason): finishReason = reason
            case .skipped(let kind): skipped.note(kind)
            case .activity: break
            }
            index += 1
        }
        return result
    }

    /// The number of the terminal event.
    mutating func nextSeq() -> Int {
        seq += 1
        return seq
    }

    private mutating func say(_ text: String, in result: inout [Frame]) throws(ChatError) {
        let text = text.withoutNUL
        content += text
        try checkSize()
        result.append(frames.text(text, seq: nextSeq()))
    }

    private mutating func think(
        _ text: String, at now: ContinuousClock.Instant, in result: inout [Frame]
    ) throws(ChatError) {
        let text = text.withoutNUL
        let start = thinkingStart ?? now
        thinkingStart = start
        let duration = start.duration(to: now).milliseconds
        thinkingDuration = duration
        thinking += text
        try checkSize()
        result.append(frames.thinking(text, duration: duration, seq: nextSeq()))
    }

    private mutating func note(_ tool: ToolEvent, in result: inout [Frame]) {
        if tool.phase == .finished, !tool.isServerSide {
            let call = ToolCall(id: tool.id, name: tool.name, arguments: tool.input ?? "{}")
            if let index = toolCalls.firstIndex(where: { $0.id == tool.id }) {
                toolCalls[index] = call
            } else {
                toolCalls.append(call)
            }
        }
        result.append(frames.tool(tool, seq: nextSeq()))
    }

    private func checkSize() throws(ChatError) {
        guard bytes + inlineBytes <= Self.maxBytes else {
            throw ChatError(.providerProtocol, "The answer is longer than \(Self.maxBytes >> 20) MiB.")
        }
    }

    /// The texts of `batch` from `index` on, as long as they are of one kind; `index` is left on the last.
    private static func join(
        _ first: String, _ batch: [ReplyEvent], _ index: inout Int, _ text: (ReplyEvent) -> String?
    ) -> String {
        var joined = first
        while index + 1 < batch.count, let more = text(batch[index + 1]) {
            joined += more
            index += 1
        }
        return joined
    }
}

extension String {
    /// The text with U+FFFD for U+0000, which not every store can keep.
    fileprivate var withoutNUL: String {
        guard utf8.contains(0) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.lazy.map { $0.value == 0 ? "\u{FFFD}" : $0 }))
    }
}

/// What a run has come to: events of the provider in, numbered frames out. No I/O, no clock.
struct RunState {
    /// The most text, thinking, pictures, sources and calls one answer may hold, in bytes.
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
    /// Whether the answer would have grown longer than ``maxBytes``: what came from there on was not taken.
    private(set) var isTooLong = false
    /// Whether anything was said, so that the provider must not be asked again.
    var hasBegun: Bool { seq > 0 || finishReason != nil }
    /// Bytes of text and thinking.
    var bytes: Int { content.utf8.count + thinking.utf8.count }

    private var thinkingStart: ContinuousClock.Instant?
    /// Bytes of pictures, sources and calls.
    private var otherBytes = 0

    init(_ run: RunIdentity) { frames = RunFrames(run) }

    /// Takes what one read of the provider gave, up to what makes the answer too long. Neighbouring deltas become one
    /// frame.
    mutating func apply(_ batch: [ReplyEvent], at now: ContinuousClock.Instant) -> [Frame] {
        var result: [Frame] = []
        var index = 0
        while index < batch.count, !isTooLong {
            switch batch[index] {
            case .text(let first):
                let text = Self.join(first, batch, &index) { if case .text(let more) = $0 { more } else { nil } }
                say(text, in: &result)
            case .thinking(let first):
                let text = Self.join(first, batch, &index) { if case .thinking(let more) = $0 { more } else { nil } }
                think(text, at: now, in: &result)
            case .tool(let tool): note(tool, in: &result)
            case .citations(let sources):
                let count = sources.reduce(0) { $0 + $1.size }
                guard hasRoom(for: count) else { break }
                otherBytes += count
                citations += sources
                result.append(frames.citations(sources, seq: nextSeq()))
            case .inlineData(let mime, let data):
                guard hasRoom(for: data.count) else { break }
                otherBytes += data.count
                inlineData.append((mime, data))
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

    private mutating func say(_ text: String, in result: inout [Frame]) {
        let text = text.withoutNUL
        guard hasRoom(for: text.utf8.count) else { return }
        content += text
        result.append(frames.text(text, seq: nextSeq()))
    }

    private mutating func think(_ text: String, at now: ContinuousClock.Instant, in result: inout [Frame]) {
        let text = text.withoutNUL
        guard hasRoom(for: text.utf8.count) else { return }
        let start = thinkingStart ?? now
        thinkingStart = start
        let duration = start.duration(to: now).milliseconds
        thinkingDuration = duration
        thinking += text
        result.append(frames.thinking(text, duration: duration, seq: nextSeq()))
    }

    private mutating func note(_ tool: ToolEvent, in result: inout [Frame]) {
        if tool.phase == .finished, !tool.isServerSide {
            let call = ToolCall(id: tool.id, name: tool.name, arguments: tool.input ?? "{}")
            guard hasRoom(for: call.size) else { return }
            otherBytes += call.size
            if let index = toolCalls.firstIndex(where: { $0.id == tool.id }) {
                toolCalls[index] = call
            } else {
                toolCalls.append(call)
            }
        }
        result.append(frames.tool(tool, seq: nextSeq()))
    }

    private mutating func hasRoom(for count: Int) -> Bool {
        isTooLong = bytes + otherBytes + count > Self.maxBytes
        return !isTooLong
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

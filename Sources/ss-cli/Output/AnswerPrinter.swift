import SimpleStreamKit

/// What of a run is shown, and how.
struct AnswerStyle: Sendable {
    enum Mode: Sendable {
        /// The text as it comes.
        case stream
        /// The text when it is whole.
        case whole
        /// One object at the end.
        case json
        /// Each frame on a line.
        case events
    }

    var mode: Mode
    var showsThinking: Bool
    var showsUsage: Bool
}

/// Shows a run: the answer on standard output, everything else on standard error.
struct AnswerPrinter {
    private let console: Console
    private let style: AnswerStyle
    private(set) var transcript: RunTranscript

    private var filter = TerminalText()
    private var thinkingFilter = TerminalText()
    /// Whether the last thing on standard error is a piece of thinking.
    private var isThinking = false
    /// Whether the last byte on standard output was no line break.
    private var isInLine = false

    init(console: Console, style: AnswerStyle, transcript: RunTranscript) {
        self.console = console
        self.style = style
        self.transcript = transcript
    }

    /// Shows what a frame adds.
    mutating func take(_ frame: ServerFrame) async throws(OutputClosed) {
        let changes = transcript.apply(frame)
        guard style.mode != .events else {
            return try await console.print(String(decoding: frame.json, as: UTF8.self))
        }
        for change in changes { try await show(change) }
    }

    private mutating func show(_ change: RunTranscript.Change) async throws(OutputClosed) {
        switch change {
        case .text(let text): if style.mode == .stream { try await write(text) }
        case .thinking(let text): think(text)
        case .replaced(let text):
            guard style.mode == .stream else { return }
            await endThinking()
            try await endLine()
            console.note("ss-cli: the answer differs from what was shown; here it is from the beginning.")
            try await write(text)
        case .picture(let mime): await aside("[a picture, \(mime): it is kept in the conversation]")
        case .tool(let tool): if tool.phase == .started { await aside("[\(tool.name)]") }
        case .trimmed(let count): await aside("\(count) older messages were not sent to the model.")
        case .citations, .ended, .nothing: break
        }
    }

    /// Shows what is shown at the end.
    ///
    /// - Parameter failure: what else is wrong with the answer.
    mutating func finish(_ failure: ChatError? = nil) async throws(OutputClosed) {
        if let failure { transcript.fail(failure) }
        await endThinking()
        switch style.mode {
        case .stream: break
        case .whole: try await write(transcript.text)
        case .json: try await console.print(transcript.json.text)
        case .events: return
        }
        try await endLine()
        await console.output.flush()
        if console.isInteractive { listSources() }
        sayHowItEnded()
        if style.showsUsage, let line = usageLine { console.aside(line) }
    }

    // MARK: The answer

    private mutating func write(_ text: String) async throws(OutputClosed) {
        await endThinking()
        let shown = console.output.isTerminal ? filter.take(text) : text
        if let last = shown.utf8.last { isInLine = last != UInt8(ascii: "\n") }
        try await console.output.write(shown)
    }

    /// A text ends with a line break, its own or one more.
    private mutating func endLine() async throws(OutputClosed) {
        let rest = filter.end()
        guard isInLine || !rest.isEmpty else { return }
        isInLine = false
        try await console.output.write((console.output.isTerminal ? rest : "") + "\n")
    }

    // MARK: Everything else

    private mutating func think(_ text: String) {
        guard style.showsThinking else { return }
        isThinking = true
        console.errors.enqueue(console.dimmed(thinkingFilter.take(text)))
    }

    private mutating func endThinking() async {
        guard isThinking else { return }
        isThinking = false
        console.errors.enqueue(thinkingFilter.end() + "\n\n")
        // Both streams may be one terminal.
        await console.errors.flush()
    }

    private mutating func aside(_ text: String) async {
        guard console.isInteractive else { return }
        await endThinking()
        if isInLine { console.errors.enqueue("\n") }
        console.aside(text)
        await console.errors.flush()
        isInLine = false
    }

    private func listSources() {
        var seen: Set<String> = []
        let sources = transcript.citations.filter { seen.insert($0.url).inserted }
        for (index, source) in sources.enumerated() {
            let title = source.title.isEmpty ? "" : TerminalText.line(source.title) + "  "
            console.aside("[\(index + 1)] \(title)\(TerminalText.line(source.url))")
        }
    }

    private func sayHowItEnded() {
        if let failure = transcript.failure { return console.note("ss-cli: \(failure.message)") }
        guard let reason = transcript.stopReason else { return }
        switch reason {
        case .length: console.note("ss-cli: the answer was cut at the output limit.")
        case .contentFilter: console.note("ss-cli: the provider withheld the rest of the answer.")
        case .refusal: console.note("ss-cli: the model declined to answer.")
        case .paused: console.note("ss-cli: the provider paused; `ss-cli -c \"go on\"` continues.")
        case .cancelled: console.note("ss-cli: stopped; what was said is kept, and `ss-cli -c` goes on from there.")
        default: break
        }
    }

    /// Such as `openai/gpt-5.5 · 1200 in (1000 cached) · 300 out · $0.0042`.
    private var usageLine: String? {
        guard let usage = transcript.usage else { return nil }
        var parts = [ModelName(provider: transcript.provider ?? "", model: transcript.model).description]
        let about = usage.estimated ? "about " : ""
        let cached = usage.cachedInputTokens > 0 ? " (\(usage.cachedInputTokens) cached)" : ""
        let reasoning = usage.reasoningTokens > 0 ? " (\(usage.reasoningTokens) reasoning)" : ""
        parts.append("\(about)\(usage.inputTokens) in\(cached)")
        parts.append("\(usage.outputTokens) out\(reasoning)")
        if let cost = transcript.costMicroUSD { parts.append(Self.dollars(cost)) }
        return parts.joined(separator: " · ")
    }

    /// Dollars with as many decimals as small amounts need.
    private static func dollars(_ micro: Int) -> String {
        let digits = String(micro.magnitude % 1_000_000)
        var decimals = String(repeating: "0", count: 6 - digits.count) + digits
        while decimals.count > 2, decimals.hasSuffix("0") { decimals.removeLast() }
        return "$\(micro / 1_000_000).\(decimals)"
    }
}

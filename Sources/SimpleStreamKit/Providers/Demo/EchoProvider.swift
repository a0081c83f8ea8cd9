/// A provider without a model: streams the prompt back word by word.
///
/// For trying things out and for tests; it calls itself a demo wherever it shows.
public struct EchoProvider: ChatProvider {
    public let name = "demo"
    private let delay: Duration

    /// Makes an echo that waits `delay` before each word. Default 30 ms.
    public init(delay: Duration = .milliseconds(30)) { self.delay = delay }

    public func withReply<R>(
        to prompt: Prompt,
        using credential: Credential,
        _ body: (ReplyEvents) async throws -> sending R
    ) async throws -> sending R {
        var words = Self.words(of: prompt.messages.last?.text ?? "")[...]
        var usage = TokenEstimate.usage(prompt: prompt, answer: prompt.messages.last?.text ?? "")
        usage.estimated = true
        var isOver = false
        let events = ReplyEvents {
            if isOver { return nil }
            guard let word = words.popFirst() else {
                isOver = true
                return [.usage(usage), .finished(.stop)]
            }
            if delay > .zero { try await Task.sleep(for: delay) }
            return [.text(String(word))]
        }
        return try await body(events)
    }

    public func verdict(on credential: Credential) async -> KeyVerdict {
        KeyVerdict(.valid, "The demo needs no key.")
    }

    public func models(for credential: Credential) async throws(ChatError) -> [Model] {
        [
            Model(
                id: "echo",
                provider: name,
                displayName: "Echo (demo, no model)",
                reasoningLevels: [],
                supportsTools: false,
                supportsWebSearch: false
            )
        ]
    }

    /// The text cut before each word, so that the pieces joined are the text.
    static func words(of text: String) -> [Substring] {
        var pieces: [Substring] = []
        var start = text.startIndex
        var wasSpace = true
        for index in text.indices {
            let isSpace = text[index].isWhitespace
            if wasSpace, !isSpace, start < index {
                pieces.append(text[start..<index])
                start = index
            }
            wasSpace = isSpace
        }
        if start < text.endIndex { pieces.append(text[start...]) }
        return pieces
    }
}

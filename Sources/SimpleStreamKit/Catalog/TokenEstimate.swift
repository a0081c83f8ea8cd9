/// Rough token counts, for when the provider has not counted.
///
/// Text: four ASCII bytes make a token, so do two scalars of other alphabets; each Chinese, Japanese or Korean
/// character and each emoji is one. That is within a third of what today's tokenizers say of prose and code, and on the
/// high side for most. Everything made from it is marked as estimated.
public enum TokenEstimate {
    /// What a message costs besides its text: role and separators.
    public static let perMessage = 4
    /// What a picture is taken for: about one of a thousand pixels a side.
    public static let perImage = 1_600

    /// The tokens of a text; zero only for an empty one.
    public static func tokens(in text: String) -> Int {
        // In quarters of a token, counted by the first byte of each scalar.
        var quarters = 0
        for byte in text.utf8 {
            switch byte {
            case 0x00..<0x80: quarters += 1
            case 0x80..<0xC0: break
            case 0xC0..<0xE0: quarters += 2
            case 0xE0..<0xE3: quarters += 2
            default: quarters += 4
            }
        }
        return (quarters + 3) / 4
    }

    /// The tokens of one turn.
    public static func tokens(in message: PromptMessage) -> Int {
        message.parts.reduce(perMessage) { $0 + tokens(in: $1) }
    }

    /// The tokens of everything a provider reads.
    public static func tokens(in prompt: Prompt) -> Int {
        var sum = prompt.messages.reduce(0) { $0 + tokens(in: $1) }
        sum += prompt.system.map { tokens(in: $0) + perMessage } ?? 0
        sum += prompt.responseSchema.map { tokens(in: $0) } ?? 0
        for tool in prompt.tools {
            sum += tokens(in: tool.name) + tokens(in: tool.description) + tokens(in: tool.parameters) + 2 * perMessage
        }
        return sum
    }

    /// What a run used that ended before its provider said so.
    public static func usage(prompt: Prompt, answer: String, thinking: String = "") -> TokenUsage {
        let reasoning = tokens(in: thinking)
        return TokenUsage(
            inputTokens: tokens(in: prompt), outputTokens: tokens(in: answer) + reasoning, reasoningTokens: reasoning,
            estimated: true)
    }

    private static func tokens(in part: PromptMessage.Part) -> Int {
        switch part {
        case .text(let text): tokens(in: text)
        case .image: perImage
        // Text is sent as it is. Of a PDF, a page is some 50 KB and reads as some 2 000 tokens.
        case .file(_, let mime, let bytes): mime.hasPrefix("text/") ? bytes.count / 3 + 1 : bytes.count / 25 + 500
        case .toolCall(let call): tokens(in: call.name) + tokens(in: call.arguments) + 2 * perMessage
        case .toolResult(_, let name, let output, _): tokens(in: name) + tokens(in: output) + 2 * perMessage
        }
    }
}

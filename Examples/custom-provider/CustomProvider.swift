import SimpleStreamKit

/// A provider that answers every prompt with its letters turned round: the least a provider has to do.
struct MirrorProvider: ChatProvider {
    let name = "mirror"

    func withReply<R>(
        to prompt: Prompt,
        using credential: Credential,
        _ body: (ReplyEvents) async throws -> sending R
    ) async throws -> sending R {
        let text = prompt.messages.last?.text ?? ""
        var batches: [[ReplyEvent]] = [
            [.thinking("Turning \(text.count) letters round.")],
            [.text(String(text.reversed()))],
            [.usage(TokenUsage(inputTokens: text.count, outputTokens: text.count)), .finished(.stop)],
        ]
        return try await body(ReplyEvents { batches.isEmpty ? nil : batches.removeFirst() })
    }

    func verdict(on credential: Credential) async -> KeyVerdict {
        KeyVerdict(.valid, "A mirror needs no key.")
    }

    func models(for credential: Credential) async throws(ChatError) -> [Model] {
        [Model(id: "mirror-1", provider: name, displayName: "Mirror")]
    }
}

@main
struct CustomProvider {
    static func main() async throws {
        let chat = ChatService(providers: [MirrorProvider()])
        try await chat.whileRunning {
            let request = ChatRequest("stressed", provider: "mirror", model: "mirror-1")
            for try await event in try await chat.reply(to: request, of: "me") {
                switch event {
                case .thinking(let piece): print("(\(piece))")
                case .text(let piece): print(piece)
                case .finished(let answer): print("\(answer.usage?.totalTokens ?? 0) tokens")
                default: break
                }
            }
        }
    }
}

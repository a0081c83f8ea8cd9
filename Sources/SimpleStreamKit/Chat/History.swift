/// Makes the prompt for a provider out of stored messages.
public enum History {
    /// What a model is told when answers of others are among the history.
    static let note = """
        Some earlier answers in this conversation were written by other models. They start with a label of the form \
        [provider/model] that names their author. Do not start your own answers with such a label.
        """

    /// Makes a prompt of a branch.
    ///
    /// - Answers of another provider or model are labelled `[provider/model]`, and the system prompt says so. What their
    ///   provider wanted back is left out.
    /// - Failed, empty and still unfinished answers are skipped; stopped and interrupted ones stay with what they have.
    /// - Attachments come before their message's text. One without bytes is named in the text as missing.
    /// - System messages of the branch join the system prompt.
    /// - What does not fit `budget` is dropped, oldest first; see ``ContextBudget/trim(_:)``.
    ///
    /// - Parameters:
    ///   - branch: from the root to the user's message to be answered.
    ///   - attachments: what the branch's messages hold, by id.
    public static func prompt(
        from branch: [Message],
        model: String,
        provider: String,
        system: String?,
        attachments: [String: (Attachment, [UInt8])] = [:],
        options: GenerationOptions = GenerationOptions(),
        budget: ContextBudget = .unlimited
    ) -> (prompt: Prompt, droppedMessages: Int) {
        var instructions = [system].compactMap(\.self)
        var messages: [PromptMessage] = []
        for message in branch {
            switch message.role {
            case .system:
                instructions.append(message.content)
            case .user:
                messages.append(PromptMessage(role: .user, parts: parts(of: message, attachments: attachments)))
            case .assistant:
                guard let turn = answer(message, to: model, of: provider, attachments: attachments) else { continue }
                messages.append(turn)
            }
        }
        // Room for the note is kept before it is known whether a labelled answer survives the trimming.
        var prompt = Prompt(model: model, messages: messages, options: options)
        prompt.cacheKey = branch.first?.conversationID
        prompt.system = joined(instructions + [note])
        let dropped = budget.trim(&prompt)
        let labels = Set(branch.lazy.filter { isForeign($0, to: model, of: provider) }.map { label(of: $0) })
        let isLabelled = prompt.messages.contains { message in
            guard message.role == .assistant, case .text(let first) = message.parts.first else { return false }
            return labels.contains(first)
        }
        if !isLabelled { prompt.system = joined(instructions) }
        return (prompt, dropped)
    }

    // MARK: Messages

    private static func answer(
        _ message: Message, to model: String, of provider: String, attachments: [String: (Attachment, [UInt8])]
    ) -> PromptMessage? {
        guard message.status != .failed, message.status != .streaming else { return nil }
        var parts = parts(of: message, attachments: attachments)
        guard !parts.isEmpty else { return nil }
        guard isForeign(message, to: model, of: provider) else {
            return PromptMessage(role: .assistant, parts: parts, providerState: message.providerState)
        }
        // Few providers take pictures in an answer, and none needs another's.
        parts = parts.map { if case .image = $0 { .text("[The answer has a picture here.]\n") } else { $0 } }
        parts.insert(.text(label(of: message)), at: 0)
        return PromptMessage(role: .assistant, parts: parts)
    }

    private static func parts(
        of message: Message, attachments: [String: (Attachment, [UInt8])]
    ) -> [PromptMessage.Part] {
        var parts: [PromptMessage.Part] = []
        for id in message.attachmentIDs {
            guard let (attachment, bytes) = attachments[id] else {
                parts.append(.text("[An attachment is no longer available.]\n"))
                continue
            }
            parts.append(
                attachment.mime.hasPrefix("image/")
                    ? .image(mime: attachment.mime, bytes: bytes)
                    : .file(name: attachment.name, mime: attachment.mime, bytes: bytes))
        }
        if !message.content.isEmpty { parts.append(.text(message.content)) }
        return parts
    }

    private static func isForeign(_ message: Message, to model: String, of provider: String) -> Bool {
        message.role == .assistant && (message.provider != provider || message.model != model)
            && !(message.provider == nil && message.model == nil)
    }

    /// Such as `[anthropic/claude-opus-5]`, with a line break.
    private static func label(of message: Message) -> String {
        "[\([message.provider, message.model].compactMap(\.self).joined(separator: "/"))]\n"
    }

    private static func joined(_ texts: [String]) -> String? {
        let texts = texts.filter { !$0.isEmpty }
        return texts.isEmpty ? nil : texts.joined(separator: "\n\n")
    }
}

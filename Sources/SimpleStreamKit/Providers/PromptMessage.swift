/// One turn as a provider sees it.
public struct PromptMessage: Sendable, Hashable {
    /// Who speaks.
    public enum Role: Sendable, Hashable {
        case user, assistant
    }

    /// A piece of a turn.
    @nonexhaustive
    public enum Part: Sendable, Hashable {
        case text(String)
        /// A picture; `mime` is image/png, image/jpeg, image/gif or image/webp.
        case image(mime: String, bytes: [UInt8])
        /// A document, such as application/pdf.
        case file(name: String, mime: String, bytes: [UInt8])
        /// A call the assistant made.
        case toolCall(ToolCall)
        /// What a call returned, in a user's turn.
        case toolResult(id: String, name: String, output: String, isError: Bool)
    }

    public var role: Role
    public var parts: [Part]
    /// For an assistant's turn: what its provider wants back.
    public var providerState: ProviderState?

    public init(role: Role, parts: [Part], providerState: ProviderState? = nil) {
        self.role = role
        self.parts = parts
        self.providerState = providerState
    }

    /// A user's text.
    public static func user(_ text: String) -> PromptMessage { PromptMessage(role: .user, parts: [.text(text)]) }

    /// An assistant's text.
    public static func assistant(_ text: String) -> PromptMessage {
        PromptMessage(role: .assistant, parts: [.text(text)])
    }

    /// The text parts, joined.
    public var text: String {
        parts.lazy.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined()
    }
}

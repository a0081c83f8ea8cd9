/// How large one request may be.
public struct SizeLimits: Sendable, Hashable {
    /// Bytes of a prompt's text, and of a system prompt's. Default 2 MiB, as much as a body may have.
    public var promptBytes: Int
    /// How many messages of a branch are sent to a model, the newest ones. Default 1000.
    public var historyMessages: Int
    /// Attachments of one message. Default 32.
    public var attachments: Int
    /// Bytes of all attachments that are sent with one request. Default 64 MiB.
    public var attachmentBytes: Int
    /// Bytes of all files a user has stored, each with at least 4096. Nil is no limit. Default nil.
    public var storedBytes: Int?
    /// The same for a guest; nil is as for users. Default nil.
    public var guestStoredBytes: Int?

    public init(
        promptBytes: Int = 2 << 20, historyMessages: Int = 1000, attachments: Int = 32,
        attachmentBytes: Int = 64 << 20, storedBytes: Int? = nil, guestStoredBytes: Int? = nil
    ) {
        self.promptBytes = promptBytes
        self.historyMessages = historyMessages
        self.attachments = attachments
        self.attachmentBytes = attachmentBytes
        self.storedBytes = storedBytes
        self.guestStoredBytes = guestStoredBytes
    }

    /// What one user may have stored; nil is no limit.
    package func storedBytes(isGuest: Bool) -> Int? { isGuest ? guestStoredBytes ?? storedBytes : storedBytes }

    /// - Throws: `payload_too_large` with what would be taken.
    func check(_ request: ChatRequest) throws(ChatError) {
        for (name, text) in [("prompt", request.prompt), ("systemPrompt", request.systemPrompt ?? "")] {
            guard text.utf8.count <= promptBytes else {
                throw ChatError(.payloadTooLarge, "\(name) may have at most \(promptBytes) bytes.")
            }
        }
        guard request.attachmentIDs.count <= attachments else {
            throw ChatError(.payloadTooLarge, "A message may have at most \(attachments) attachments.")
        }
    }
}

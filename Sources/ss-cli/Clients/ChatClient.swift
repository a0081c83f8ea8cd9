import SimpleStreamKit

/// What the commands need: an engine of our own, or a server's.
typealias ChatClient = RunClient & HistoryClient & CatalogClient & KeyClient

/// Asking and following.
protocol RunClient: Sendable {
    /// Asks, and hands over the frames of the run in order, each once, to the terminal frame.
    ///
    /// - Throws: `ChatError` when no run began or it cannot be followed, and what `take` throws.
    func ask(_ question: Question, _ take: (ServerFrame) async throws -> Void) async throws

    /// Hands over the frames of a run from its beginning, as ``ask(_:_:)`` does.
    func follow(_ messageID: String, _ take: (ServerFrame) async throws -> Void) async throws

    /// Asks for a run to be stopped. One that has ended is left alone.
    func stop(_ messageID: String) async throws

    /// The user's active runs, oldest first.
    func runs() async throws -> [RunRecord]
}

/// What was said before.
protocol HistoryClient: Sendable {
    /// The newest conversations first; with `query`, those that hold its words.
    func conversations(matching query: String?, limit: Int) async throws -> [ConversationRecord]

    /// - Throws: `not_found`.
    func conversation(_ id: String) async throws -> ConversationRecord

    /// All messages, oldest first.
    func messages(in conversationID: String) async throws -> [MessageRecord]
}

/// What can be asked.
protocol CatalogClient: Sendable {
    func models() async throws -> [ModelRecord]

    /// The names of the providers; empty when only the server knows.
    var providerNames: [String] { get }

    /// The model that answers when none is named: the first that can be used; nil when none can.
    func firstUsableModel() async throws -> ModelName?
}

/// The user's own keys.
protocol KeyClient: Sendable {
    func keys() async throws -> [KeyRecord]

    /// Saves a key in place of the one before it, after asking the provider about it.
    ///
    /// - Parameter isChecked: whether a key the provider does not accept is refused.
    func saveKey(_ key: Secret, for provider: String, isChecked: Bool) async throws -> KeyVerdict

    /// What the provider thinks of the key that is used for it now.
    func checkKey(for provider: String) async throws -> KeyVerdict

    /// - Throws: `not_found`.
    func removeKey(for provider: String) async throws
}

/// What is asked, with its files.
struct Question: Sendable {
    var request: ChatRequest
    var files: [AttachmentFile] = []
}

/// Small per-user documents: settings, profile. JSON text, at most 64 KiB each.
public protocol SettingsStore: Sendable {
    /// The document, or nil when none was saved.
    func document(_ name: String, of userID: String) async throws(ChatError) -> String?

    /// Saves the document in place of the one before it.
    func saveDocument(_ name: String, _ json: String, of userID: String) async throws(ChatError)
}

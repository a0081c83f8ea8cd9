extension ChatService {
    /// A key to ask a provider with, and whose it is.
    struct ChosenCredential: Sendable {
        var value: Credential
        /// Whether the operator pays.
        var isOperators: Bool
    }

    /// The user's own key, else the operator's; nil when there is neither.
    ///
    /// A user's key that does not open is an error: the operator's does not step in for it.
    func credential(for provider: String, of userID: String) async throws(ChatError) -> ChosenCredential? {
        if let vault, let stored = try await store.key(for: provider, of: userID) {
            let context = Self.context(ofKeyFor: provider, of: userID, baseURL: stored.baseURL)
            let key = try vault.open(stored.box, context: context)
            return ChosenCredential(
                value: Credential(key: key, baseURL: stored.baseURL, isUserOwned: true),
                isOperators: false
            )
        }
        return operatorCredentials[provider].map { ChosenCredential(value: $0, isOperators: true) }
    }

    /// What a user's key is bound to.
    package static func context(ofKeyFor provider: String, of userID: String, baseURL: String?) -> [String] {
        [userID, provider, baseURL ?? ""]
    }
}

extension ChatService {
    /// A key to ask a provider with, and whose it is.
    struct ChosenCredential: Sendable {
        var value: Credential
        /// Whether the operator pays.
        var isOperators: Bool
        /// The user's key, when it is one.
        var stored: StoredKey?
    }

    /// The user's own key, else the operator's; nil when there is neither.
    ///
    /// A user's key that does not open is an error: the operator's does not step in for it.
    func credential(for provider: String, of userID: String) async throws(ChatError) -> ChosenCredential? {
        try await chosenCredential(for: provider, of: userID).get()
    }

    /// As ``credential(for:of:)``, but a key that does not open is a result: a run may begin with it, to fail.
    func chosenCredential(
        for provider: String, of userID: String
    ) async throws(ChatError) -> Result<ChosenCredential?, ChatError> {
        if let vault, let stored = try await store.key(for: provider, of: userID) {
            let context = Self.context(ofKeyFor: provider, of: userID, baseURL: stored.baseURL)
            do throws(ChatError) {
                let key = try vault.open(stored.box, context: context)
                let value = Credential(key: key, baseURL: stored.baseURL, isUserOwned: true)
                // A key for a provider that asks for none changes nothing: it is still the operator's machine.
                let isKeyless = operatorCredentials[provider].map { $0.key == nil } ?? false
                let isAtOperators = stored.baseURL == nil || stored.baseURL == operatorBaseURL(of: provider)
                let isOperators = isKeyless && isAtOperators
                return .success(ChosenCredential(value: value, isOperators: isOperators, stored: stored))
            } catch {
                return .failure(error)
            }
        }
        return .success(operatorCredentials[provider].map { ChosenCredential(value: $0, isOperators: true) })
    }

    /// Whether the operator has a key for a provider.
    package func hasOperatorKey(for provider: String) -> Bool { operatorCredentials[provider]?.key != nil }

    /// Where the operator has put a provider; nil when it is where its maker has it, or unknown.
    package func operatorBaseURL(of provider: String) -> String? {
        providers.first { $0.name == provider }?.operatorBaseURL
    }

    /// What a user's key is bound to.
    package static func context(ofKeyFor provider: String, of userID: String, baseURL: String?) -> [String] {
        [userID, provider, baseURL ?? ""]
    }
}

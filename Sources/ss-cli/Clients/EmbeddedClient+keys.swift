import SimpleStreamComposition
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension EmbeddedClient: KeyClient {
    func keys() async throws -> [KeyRecord] {
        try await chat.store.keys(of: userID).map { key in
            var json: JSONValue = ["provider": .string(key.provider), "label": .string(key.label)]
            json["last4"] = .string(key.lastFour)
            json["verdict"] = .string(key.verdict.code.rawValue)
            json["message"] = .string(key.verdict.message)
            json["checkedAt"] = key.checkedAt.json
            json["isDefault"] = true
            json["baseURL"] = key.baseURL.map(JSONValue.string)
            json["createdAt"] = key.createdAt.json
            return KeyRecord(json: json)
        }
    }

    func saveKey(_ key: Secret, for provider: String, isChecked: Bool) async throws -> KeyVerdict {
        guard let vault = chat.vault else {
            throw ChatError(.internal, "Keys cannot be kept here.")
        }
        var verdict = KeyVerdict(.unchecked, "It was not checked.")
        let baseURL = chat.operatorBaseURL(of: provider)
        if isChecked {
            let credential = Credential(key: key, baseURL: baseURL, isUserOwned: true)
            verdict = await self.provider(provider)?.verdict(on: credential) ?? verdict
            guard verdict.isBearable else { return verdict }
        }
        let context = ChatService.context(ofKeyFor: provider, of: userID, baseURL: baseURL)
        let stored = StoredKey(
            userID: userID, provider: provider, label: provider, lastFour: key.lastFour,
            box: try vault.seal(key, context: context), baseURL: baseURL, verdict: verdict, checkedAt: .now,
            createdAt: .now, fingerprint: vault.fingerprint(of: key, userID: userID))
        try await chat.store.saveKey(stored)
        return verdict
    }

    func checkKey(for provider: String) async throws -> KeyVerdict {
        guard let chatProvider = self.provider(provider) else {
            throw ChatError(.notFound, "There is no provider \(provider).")
        }
        return await chatProvider.verdict(on: try await credential(for: provider))
    }

    func removeKey(for provider: String) async throws {
        guard try await chat.store.deleteKey(for: provider, of: userID) else {
            throw ChatError(.notFound, "There is no saved key for \(provider).")
        }
    }

    private func provider(_ name: String) -> (any ChatProvider)? { chat.providers.first { $0.name == name } }

    /// The saved key, else the environment's.
    private func credential(for provider: String) async throws -> Credential {
        if let vault = chat.vault, let stored = try await chat.store.key(for: provider, of: userID) {
            let context = ChatService.context(ofKeyFor: provider, of: userID, baseURL: stored.baseURL)
            return Credential(
                key: try vault.open(stored.box, context: context), baseURL: stored.baseURL, isUserOwned: true)
        }
        if let account = settings.accounts.first(where: { $0.provider == provider }), account.key != nil {
            return Credential(key: account.key, baseURL: account.baseURL)
        }
        if let custom = settings.customProviders.first(where: { $0.description.name == provider }) {
            return Credential(key: custom.key)
        }
        guard ["local", "demo"].contains(provider) else {
            throw ChatError(.noProviderKey, "There is no key for \(provider).")
        }
        return Credential(key: settings.localKey)
    }
}

extension KeyVerdict {
    /// Whether a key with this verdict may be worth keeping: it works, or may later.
    var isBearable: Bool { [.valid, .exhausted, .rateLimited, .unchecked].contains(code) }
}

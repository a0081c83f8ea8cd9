import Hummingbird
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension API {
    var keys: [Endpoint] {
        [
            Endpoint(
                .get, "/api/providers", "The providers, and whose key each is asked with.", answer: .list("Provider")
            ) { request in .list(try await providers(of: request.user)) },
            Endpoint(.get, "/api/keys", "The caller's own provider keys, without the keys.", answer: .list("Key")) {
                request in
                .list(try await chat.store.keys(of: request.user.id).map(chat.shown))
            },
            Endpoint(
                .put, "/api/keys/{provider}", "Checks a key with its provider and saves it encrypted.",
                body: .json("NewKey"), answer: .json("Key"), needs: .scope(.keys)
            ) { try await saveKey($0) },
            Endpoint(.delete, "/api/keys/{provider}", "Forgets a key.", answer: .none, needs: .scope(.keys)) {
                request in
                let provider = try request.path("provider")
                guard try await chat.store.deleteKey(for: provider, of: request.user.id) else {
                    throw ChatError(.notFound, "There is no such key.")
                }
                await audit.note(.keyDeleted, by: request.user.id, ["provider": provider], address: request.address)
                tell(request.user, provider: provider, action: "deleted")
                return .done
            },
            Endpoint(
                .post, "/api/keys/{provider}/validate", "Asks the provider whether the saved key works.",
                answer: .json("Verdict"), needs: .scope(.keys)
            ) { try await validateKey($0) },
            Endpoint(
                .post, "/api/keys/{provider}/default", "Makes a saved key the caller's default.",
                answer: .json("Key"), needs: .scope(.keys)
            ) { try await makeDefault($0) },
            Endpoint(
                .get, "/api/keys/{provider}/uses", "What the saved keys for a provider were used for, newest first.",
                parameters: [Endpoint.Parameter.page[0]], answer: .list("KeyUse")
            ) { request in
                let (_, limit) = try request.page()
                return .list(
                    try await chat.store.keyUses(
                        of: request.user.id, provider: try request.path("provider"), limit: limit
                    ).map(\.json))
            },
            Endpoint(
                .post, "/api/keys/{provider}/reveal",
                "The saved key itself, for its owner in a browser who has just signed in. Never for tokens.",
                answer: .json("RevealedKey"), needs: .recentSignIn
            ) { try await revealKey($0) },
        ]
    }

    private func providers(of user: User) async throws -> [JSONValue] {
        let own = Set(try await chat.store.keys(of: user.id).map(\.provider))
        return chat.providers.map { provider in
            let source =
                own.contains(provider.name) ? "user" : chat.hasOperatorKey(for: provider.name) ? "operator" : "none"
            return ["name": .string(provider.name), "keySource": .string(source)]
        }
    }

    private func saveKey(_ request: APIRequest) async throws -> Response {
        let fields = try await request.body()
        let (provider, vault) = try keyed(request)
        guard !(provider is EchoProvider) else {
            throw ChatError(.invalidRequest, "\(provider.name) asks for no key.")
        }
        let text = try fields.requiredString("key", upTo: 4096)
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw FieldReader.wrong("key", "the key alone, without spaces")
        }
        let label = try fields.string("label", upTo: 100) ?? ""
        let ownURL = try fields.string("baseURL", upTo: 500).flatMap { $0.isEmpty ? nil : $0 }
        if let ownURL { _ = try BaseURL(ownURL, allowsPlainHTTP: false) }
        let baseURL = ownURL ?? provider.operatorBaseURL
        let key = Secret(text)
        let verdict = await provider.verdict(on: Credential(key: key, baseURL: baseURL, isUserOwned: true))
        // A provider that would not say now does not keep the user from saving.
        guard ![.rejected, .blocked, .wrongEndpoint].contains(verdict.code) else {
            throw ChatError(.invalidRequest, verdict.message)
        }
        let context = ChatService.context(ofKeyFor: provider.name, of: request.user.id, baseURL: baseURL)
        let before = try await chat.store.key(for: provider.name, of: request.user.id)
        let fingerprint = vault.fingerprint(of: key, userID: request.user.id)
        var stored = StoredKey(
            userID: request.user.id,
            provider: provider.name,
            label: label,
            lastFour: key.lastFour,
            box: try vault.seal(key, context: context),
            baseURL: baseURL,
            verdict: verdict,
            checkedAt: Date(),
            createdAt: before?.createdAt ?? Date(),
            fingerprint: fingerprint,
            isDefault: try fields.bool("isDefault") ?? before?.isDefault ?? false
        )
        try await chat.store.saveKey(stored)
        await audit.note(.keySaved, by: request.user.id, ["provider": provider.name], address: request.address)
        tell(request.user, provider: provider.name, action: before == nil ? "created" : "updated")
        let keys = try await chat.store.keys(of: request.user.id)
        stored = keys.first { $0.provider == stored.provider } ?? stored
        var value = chat.shown(stored)
        let same = keys.filter { $0.provider != stored.provider && fingerprint != nil && $0.fingerprint == fingerprint }
        if !same.isEmpty { value["sameKeyAs"] = .array(same.map { .string($0.provider) }) }
        return .json(value)
    }

    private func makeDefault(_ request: APIRequest) async throws -> Response {
        let name = try request.path("provider")
        guard var stored = try await chat.store.key(for: name, of: request.user.id) else {
            throw ChatError(.notFound, "There is no such key.")
        }
        stored.isDefault = true
        try await chat.store.saveKey(stored)
        tell(request.user, provider: name, action: "updated")
        return .json(chat.shown(stored))
    }

    private func validateKey(_ request: APIRequest) async throws -> Response {
        let (provider, vault) = try keyed(request)
        guard var stored = try await chat.store.key(for: provider.name, of: request.user.id) else {
            throw ChatError(.notFound, "There is no such key.")
        }
        let context = ChatService.context(ofKeyFor: provider.name, of: request.user.id, baseURL: stored.baseURL)
        let key = try vault.open(stored.box, context: context)
        stored.verdict = await provider.verdict(
            on: Credential(key: key, baseURL: stored.baseURL, isUserOwned: true))
        stored.checkedAt = Date()
        // Deleted or replaced while the provider thought: that stays as it is.
        if try await chat.store.key(for: provider.name, of: request.user.id)?.box == stored.box {
            try await chat.store.saveKey(stored)
        }
        return .json(["verdict": .string(stored.verdict.code.rawValue), "message": .string(stored.verdict.message)])
    }

    private func keyed(_ request: APIRequest) throws(ChatError) -> (any ChatProvider, any KeyVault) {
        let name = try request.path("provider")
        guard let provider = chat.providers.first(where: { $0.name == name }) else {
            throw ChatError(.notFound, "There is no such provider.")
        }
        guard let vault = chat.vault else {
            throw ChatError(.forbidden, "This server keeps no keys.")
        }
        return (provider, vault)
    }

    private func tell(_ user: User, provider: String, action: String) {
        chat.notify(user.id, Notice.keyUpdated(userID: user.id, provider: provider, action: action))
    }
}

extension ChatService {
    /// What is shown of a key. Where the operator has put a provider, or once had, is the operator's own affair; a user's own
    /// base URL is https.
    func shown(_ key: StoredKey) -> JSONValue {
        var value = key.json
        let isUsers = key.baseURL?.hasPrefix("https://") == true && key.baseURL != operatorBaseURL(of: key.provider)
        if !isUsers { value["baseURL"] = nil }
        return value
    }
}

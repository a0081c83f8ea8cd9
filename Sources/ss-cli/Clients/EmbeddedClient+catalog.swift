import SimpleStreamComposition
import SimpleStreamKit

extension EmbeddedClient: CatalogClient {
    func models() async throws -> [ModelRecord] {
        try await chat.models(of: userID).map { ModelRecord(json: $0.json) }
    }

    var providerNames: [String] { chat.providers.map(\.name) }

    func firstUsableModel() async throws -> ModelName? {
        let own = Set(try await chat.store.keys(of: userID).map(\.provider))
        let paid = Set(settings.accounts.lazy.filter { $0.key != nil }.map(\.provider))
        let named = Set(settings.customProviders.map(\.description.name))
        for provider in chat.providers where chat.catalog.defaultModel(of: provider.name) != nil {
            guard own.contains(provider.name) || paid.contains(provider.name) else { continue }
            return ModelName(provider: provider.name, model: nil)
        }
        // Those that have to be asked: the operator's own, then whatever runs on this machine, then the demo.
        for provider in chat.providers {
            let isKnown = chat.catalog.defaultModel(of: provider.name) != nil
            guard
                named.contains(provider.name) || (!isKnown && own.contains(provider.name)) || isOnThisMachine(provider)
            else { continue }
            let key = settings.customProviders.first { $0.description.name == provider.name }?.key ?? settings.localKey
            // One that does not answer is not usable.
            guard let first = try? await provider.models(for: Credential(key: key)).first else { continue }
            return ModelName(provider: provider.name, model: first.id)
        }
        return nil
    }

    private func isOnThisMachine(_ provider: any ChatProvider) -> Bool {
        provider.name == ProviderDescription.local.name || provider.name == EchoProvider().name
    }
}

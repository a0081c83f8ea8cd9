import SimpleStreamComposition
import SimpleStreamKit

extension EmbeddedClient: CatalogClient {
    func models() async throws -> [ModelRecord] {
        try await chat.models(of: userID).map(ModelRecord.init)
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

extension ModelRecord {
    init(_ available: AvailableModel) {
        let model = available.model
        var json: JSONValue = [
            "id": .string(model.id), "provider": .string(model.provider), "displayName": .string(model.displayName),
        ]
        json["contextWindow"] = model.contextWindow.map(JSONValue.integer) ?? .null
        json["maxOutput"] = model.maxOutput.map(JSONValue.integer) ?? .null
        json["modalities"] = [
            "input": .array(model.inputModalities.map(JSONValue.string)),
            "output": .array(model.outputModalities.map(JSONValue.string)),
        ]
        json["reasoning"] = model.reasoningLevels.map { .array($0.map(JSONValue.string)) } ?? .null
        json["available"] = .bool(available.isAvailable)
        json["keySource"] = .string(available.keySource.rawValue)
        self.init(json: json)
    }
}

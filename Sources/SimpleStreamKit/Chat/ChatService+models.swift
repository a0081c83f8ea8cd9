/// A model and whether a user can use it now.
public struct AvailableModel: Sendable, Hashable {
    /// Whose key it would be asked with.
    public enum KeySource: String, Sendable {
        case user, `operator`, none
    }

    public var model: Model
    public var keySource: KeySource
    public var isAvailable: Bool { keySource != .none }
}

extension ChatService {
    /// The models of all providers: what the catalog knows, and for those with a key what they list for it.
    ///
    /// A provider that does not answer has the catalog's models, which are none for a provider it does not know.
    public func models(of userID: String) async throws(ChatError) -> [AvailableModel] {
        var credentials: [String: ChosenCredential] = [:]
        for provider in providers {
            // A key that does not open is no key to ask with, and no reason to hide all other models.
            if case .success(let chosen) = try await chosenCredential(for: provider.name, of: userID) {
                credentials[provider.name] = chosen
            }
        }
        let live = await listed(with: credentials.mapValues(\.value))
        return providers.flatMap { provider in
            let source: AvailableModel.KeySource =
                credentials[provider.name].map { $0.stored == nil ? .operator : .user } ?? .none
            return catalog.merging(live: live[provider.name] ?? [], of: provider.name)
                .map { AvailableModel(model: $0, keySource: source) }
        }
    }

    /// What the providers list, all asked at once.
    private func listed(with credentials: [String: Credential]) async -> [String: [Model]] {
        await withTaskGroup(of: (String, [Model]?).self) { group in
            for provider in providers {
                guard let credential = credentials[provider.name] else { continue }
                group.addTask { (provider.name, await self.liveModels.models(of: provider, for: credential)) }
            }
            var result: [String: [Model]] = [:]
            for await (name, models) in group { result[name] = models }
            return result
        }
    }
}

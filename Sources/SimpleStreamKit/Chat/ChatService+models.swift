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
    /// The models of all providers: what the catalog knows, and for providers it does not know what they list.
    ///
    /// A provider that cannot be reached is left out.
    public func models(of userID: String) async throws(ChatError) -> [AvailableModel] {
        var result: [AvailableModel] = []
        for provider in providers {
            let credential = try await credential(for: provider.name, of: userID)
            let source: AvailableModel.KeySource =
                credential.map { $0.isOperators ? .operator : .user } ?? .none
            var models = catalog.models(of: provider.name).filter { !$0.isDeprecated }
            if models.isEmpty, let credential {
                // Unreachable now: nothing to choose from.
                models = (try? await provider.models(for: credential.value)) ?? []
            }
            result += models.map { AvailableModel(model: $0, keySource: source) }
        }
        return result
    }
}

import HTTPTypes
import SimpleStreamKit

extension RemoteClient: HistoryClient {
    func conversations(matching query: String?, limit: Int) async throws -> [ConversationRecord] {
        let search = query.map { "&q=\($0.queryEscaped)" } ?? ""
        return try await items("/api/conversations?limit=\(min(max(limit, 1), 200))\(search)", limit: limit)
            .map(ConversationRecord.init)
    }

    func conversation(_ id: String) async throws -> ConversationRecord {
        let json = try await json(request(.get, "/api/conversations/\(id.queryEscaped)"))
        return ConversationRecord(json: json["conversation"] ?? json)
    }

    func messages(in conversationID: String) async throws -> [MessageRecord] {
        try await items("/api/conversations/\(conversationID.queryEscaped)/messages?limit=200").map(MessageRecord.init)
    }
}

extension RemoteClient: CatalogClient {
    func models() async throws -> [ModelRecord] { try await items("/api/models").map(ModelRecord.init) }

    var providerNames: [String] { [] }

    func firstUsableModel() async throws -> ModelName? {
        let usable = try await models().filter(\.isAvailable)
        // The demo comes last, wherever the server lists it; a provider with a key has a default model.
        let first = usable.first { $0.name.provider != EchoProvider().name } ?? usable.first
        return first.map { ModelName(provider: $0.name.provider, model: $0.isListed ? nil : $0.name.model) }
    }
}

extension ModelRecord {
    /// Whether its provider has a default model in the catalog.
    fileprivate var isListed: Bool { ModelCatalog.standard.defaultModel(of: name.provider) != nil }
}

extension RemoteClient: KeyClient {
    func keys() async throws -> [KeyRecord] { try await items("/api/keys").map(KeyRecord.init) }

    func saveKey(_ key: Secret, for provider: String, isChecked: Bool) async throws -> KeyVerdict {
        guard isChecked else {
            throw CommandFailure.usage("A server checks every key it saves; leave --no-check out.")
        }
        let answer = try await json(request(.put, "/api/keys/\(provider.queryEscaped)"), ["key": .string(key.reveal())])
        return KeyVerdict(answer)
    }

    func checkKey(for provider: String) async throws -> KeyVerdict {
        KeyVerdict(try await json(request(.post, "/api/keys/\(provider.queryEscaped)/validate"), [:]))
    }

    func removeKey(for provider: String) async throws {
        try await json(request(.delete, "/api/keys/\(provider.queryEscaped)"))
    }
}

extension KeyVerdict {
    /// Reads a key or a verdict as a server tells it.
    fileprivate init(_ json: JSONValue) {
        let verdict = json["verdict"]?["code"] ?? json["verdict"] ?? json["code"]
        self.init(
            Code(rawValue: verdict?.string ?? Code.valid.rawValue),
            json["verdict"]?["message"]?.string ?? json["message"]?.string ?? "The server took the key.")
    }
}

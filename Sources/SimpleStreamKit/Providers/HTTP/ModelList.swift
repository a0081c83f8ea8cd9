/// How a provider's models are listed.
public struct ModelList: Sendable {
    /// One page of a list.
    package struct Page: Sendable {
        package var models: [Model]
        /// The next page's path below the base URL.
        package var next: String?

        package init(models: [Model], next: String? = nil) {
            self.models = models
            self.next = next
        }
    }

    /// The first page, below the base URL.
    let path: String
    /// Reads a page; nil when it is none.
    let read: @Sendable (JSONValue, _ provider: String) -> Page?

    package init(path: String, read: @escaping @Sendable (JSONValue, _ provider: String) -> Page?) {
        self.path = path
        self.read = read
    }

    /// `GET /models` in OpenAI's shape and that of its copies.
    ///
    /// What the catalog knows not to chat is left out.
    public static let openAI = ModelList(path: "/models") { json, provider in
        guard let items = json["data"]?.array ?? json["models"]?.array ?? json.array else { return nil }
        let models = items.compactMap { Model(listed: $0, provider: provider) }
        return Page(models: models.filter { ModelCatalog.standard.canChat($0.id, of: provider) })
    }
}

extension Model {
    /// Reads what OpenAI, Vercel, OpenRouter, vLLM and llama.cpp list; nil for what does not chat.
    package init?(listed item: JSONValue, provider: String) {
        guard let id = item["id"]?.string ?? item["name"]?.string, !id.isEmpty else { return nil }
        if let type = item["type"]?.string, ["embedding", "image", "video", "rerank", "reranking"].contains(type) {
            return nil
        }
        let top = item["top_provider"]
        let window =
            item["context_window"] ?? item["context_length"] ?? item["max_model_len"] ?? item["max_input_tokens"]
            ?? item["meta"]?["n_ctx_train"]
        let output = item["max_tokens"] ?? item["max_output_tokens"] ?? top?["max_completion_tokens"]
        let parameters = item["supported_parameters"]?.array?.compactMap(\.string)
        self.init(
            id: id,
            provider: provider,
            displayName: item["display_name"]?.string ?? item["name"]?.string,
            contextWindow: window?.int,
            maxOutput: output?.int,
            inputModalities: Self.modalities(item["architecture"]?["input_modalities"] ?? item["input_modalities"]),
            outputModalities: Self.modalities(item["architecture"]?["output_modalities"] ?? item["output_modalities"]),
            supportsTools: parameters?.contains("tools"),
            isDeprecated: item["shutdown_date"]?.string != nil)
    }

    private static func modalities(_ value: JSONValue?) -> [String] {
        let list = value?.array?.compactMap(\.string) ?? []
        return list.isEmpty ? ["text"] : list.map { $0 == "file" ? "pdf" : $0 }
    }
}

/// The models that are known, by provider.
///
/// Ids it does not know pass through untouched: a model is never refused because it is new.
public struct ModelCatalog: Sendable {
    /// The models this version of the library knows.
    public static let standard = ModelCatalog(sections: CatalogTable.parse(CatalogTable.text).sections)

    private var sections: [CatalogSection]

    init(sections: [CatalogSection]) {
        self.sections = sections
    }

    /// The providers it has models of, in the table's order.
    public var providers: [String] { sections.map(\.provider) }

    /// All models, the retired ones too.
    public var models: [Model] { sections.flatMap(\.models) }

    /// A provider's models, the retired ones too; empty for a provider it does not know.
    public func models(of provider: String) -> [Model] { section(provider)?.models ?? [] }

    /// The model a provider answers with when none was chosen.
    public func defaultModel(of provider: String) -> String? { section(provider)?.defaultModel }

    /// The provider's cheap model for titles.
    public func titleModel(of provider: String) -> String? { section(provider)?.titleModel }

    /// What is known of a model.
    ///
    /// A dated version has the facts and prices of its family, where the table says so. `creator/model` at a gateway has
    /// the facts of the creator's model, but no price: gateways set their own. Nil when nothing is known.
    public func known(_ id: String, of provider: String) -> Model? {
        guard let section = section(provider) else { return nil }
        if let model = section.models.first(where: { $0.id == id }), section.creators.isEmpty {
            return model
        }
        if var model = section.family(of: id).flatMap({ family in section.models.first { $0.id == family } }) {
            model.displayName += " (\(id.dropFirst(model.id.count + 1)))"
            model.id = id
            return model
        }
        return routed(id, through: section)
    }

    /// A model for `id`, with whatever is known of it.
    public func model(_ id: String, of provider: String) -> Model {
        known(id, of: provider) ?? Model(id: id, provider: provider)
    }

    /// What is known of a model that `provider` serves and `maker` may have made, such as a Claude behind a proxy.
    ///
    /// What is known of the provider's own comes first; from the maker come the facts, not the price.
    package func known(_ id: String, of provider: String, madeBy maker: String) -> Model? {
        if let model = known(id, of: provider) { return model }
        let bare = id.split(separator: "/").last.map(String.init) ?? id
        guard var model = known(bare, of: maker) ?? known(bare.replacing(".", with: "-"), of: maker) else { return nil }
        model.id = id
        model.provider = provider
        model.price = nil
        return model
    }

    /// What to call a model in front of a user; the id when it has no name.
    public func displayName(of id: String, provider: String) -> String {
        known(id, of: provider)?.displayName ?? id
    }

    /// The id of the model of that name, whatever its case.
    ///
    /// A text that names no model is taken for an id.
    public func id(named name: String, provider: String) -> String {
        let models = models(of: provider)
        if models.contains(where: { $0.id == name }) { return name }
        let folded = name.lowercased()
        return models.first { $0.displayName.lowercased() == folded }?.id ?? name
    }

    /// Whether an id of a live list belongs to a model that can chat.
    public func canChat(_ id: String, of provider: String) -> Bool {
        section(provider)?.isOther(id) != true
    }

    /// The id without the ending of a dated version; nil when it has none.
    func family(of id: String, provider: String) -> String? { section(provider)?.family(of: id) }

    // MARK: Parts

    private func section(_ provider: String) -> CatalogSection? {
        sections.first { $0.provider == provider }
    }

    /// A gateway's model with the facts of its creator's.
    private func routed(_ id: String, through gateway: CatalogSection) -> Model? {
        let own = gateway.models.first { $0.id == id }
        let parts = id.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let provider = gateway.creators[String(parts[0])], provider != gateway.provider else {
            return own
        }
        // Gateways write claude-haiku-4.5 where Anthropic writes claude-haiku-4-5.
        let names = [String(parts[1]), String(parts[1].replacing(".", with: "-"))]
        guard var model = names.lazy.compactMap({ known($0, of: provider) }).first else { return own }
        model.id = id
        model.provider = gateway.provider
        model.displayName = own?.displayName ?? model.displayName
        model.price = own?.price
        model.shutdown = nil
        model.isDeprecated = own?.isDeprecated ?? false
        model.isRetired = own?.isRetired ?? false
        model.contextWindow = own?.contextWindow ?? model.contextWindow
        model.maxOutput = own?.maxOutput ?? model.maxOutput
        return model
    }
}

/// What a provider's models take of the options: what the catalog says, and for ids it does not know their family.
package struct ModelRules: Sendable {
    /// Models whose names start alike.
    package struct Family: Sendable {
        let prefix: String
        let levels: [String]?
        let sampling: Model.Sampling

        /// Makes a family.
        ///
        /// - Parameter levels: the efforts it takes; empty when it does not reason, nil when unknown.
        package init(_ prefix: String, levels: [String]?, sampling: Model.Sampling) {
            self.prefix = prefix
            self.levels = levels
            self.sampling = sampling
        }
    }

    private let provider: String
    private let families: [Family]
    private let talkative: [String]
    private let mute: [String]
    private let catalog: ModelCatalog

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - provider: under which the catalog knows the models; empty when it knows none.
    ///   - families: for ids the catalog does not know; the first whose prefix fits holds.
    ///   - talkative: the starts of the ids that take a verbosity.
    ///   - mute: the starts of those among them that do not.
    package init(
        provider: String = "",
        families: [Family] = [],
        talkative: [String] = [],
        mute: [String] = [],
        catalog: ModelCatalog = .standard
    ) {
        self.provider = provider
        self.families = families
        self.talkative = talkative
        self.mute = mute
        self.catalog = catalog
    }

    /// What is known of the model `id`.
    package func model(_ id: String) -> Model {
        var model = catalog.model(id, of: provider)
        guard model.reasoningLevels == nil, model.sampling == nil,
            let family = families.first(where: { name(of: id).hasPrefix($0.prefix) })
        else { return model }
        model.reasoningLevels = family.levels
        model.sampling = family.sampling
        return model
    }

    /// Whether the model is known to reason.
    package func reasons(_ id: String) -> Bool { model(id).reasoningLevels?.isEmpty == false }

    /// `options` without what the model refuses.
    package func allowed(_ options: GenerationOptions, for id: String) -> GenerationOptions {
        let model = model(id)
        var options = options
        options.reasoningEffort = options.reasoningEffort.flatMap(model.reasoningLevel)
        if !allowsSampling(model, effort: options.reasoningEffort) {
            options.temperature = nil
            options.topP = nil
        }
        if !takesVerbosity(id) { options.outputVerbosity = nil }
        return options
    }

    /// Whether the model can be told how much to say.
    package func takesVerbosity(_ id: String) -> Bool {
        let name = name(of: id)
        return talkative.contains(where: name.hasPrefix) && !mute.contains(where: name.hasPrefix)
    }

    private func allowsSampling(_ model: Model, effort: String?) -> Bool {
        switch model.sampling {
        case .none?: false
        case .idle?: (effort ?? model.reasoning?.defaultLevel) == "none"
        default: true
        }
    }

    /// The id without a gateway's `creator/`.
    private func name(of id: String) -> Substring { id.split(separator: "/").last ?? id[...] }
}

extension Model {
    /// Whether it can be told how much to say.
    package var takesVerbosity: Bool {
        switch provider {
        case "openai": ModelRules.openAI.takesVerbosity(id)
        case "vercel": ModelRules.vercel.takesVerbosity(id)
        default: false
        }
    }
}

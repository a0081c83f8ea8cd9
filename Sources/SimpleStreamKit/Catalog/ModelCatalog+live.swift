extension ModelCatalog {
    /// A provider's models after asking it.
    ///
    /// - Models it listed, with the table's facts where it gave none; its own facts and prices win.
    /// - Models of the table that stand for a listed dated version.
    /// - None that cannot chat. An empty list says nothing: the table's models that are not retired stay.
    ///
    /// The table's order comes first, then the provider's.
    public func merging(live: [Model], of provider: String) -> [Model] {
        let chatting = live.filter { canChat($0.id, of: provider) }
        let tabled = models(of: provider)
        guard !chatting.isEmpty else { return tabled.filter { !$0.isRetired } }

        var listed: [String: Model] = [:]
        for model in chatting where listed[model.id] == nil { listed[model.id] = model }
        let families = Set(chatting.compactMap { family(of: $0.id, provider: provider) })

        var merged: [Model] = []
        for model in tabled {
            if let live = listed.removeValue(forKey: model.id) {
                merged.append(combined(live, with: known(model.id, of: provider) ?? model))
            } else if families.contains(model.id), !model.isRetired {
                merged.append(model)
            }
        }
        for model in chatting {
            guard let live = listed.removeValue(forKey: model.id) else { continue }
            merged.append(combined(live, with: known(live.id, of: provider)))
        }
        return merged
    }

    private func combined(_ live: Model, with known: Model?) -> Model {
        guard let known else { return live }
        var model = live
        if live.displayName == live.id { model.displayName = known.displayName }
        model.contextWindow = live.contextWindow ?? known.contextWindow
        model.maxOutput = live.maxOutput ?? known.maxOutput
        if live.inputModalities == ["text"] { model.inputModalities = known.inputModalities }
        if live.outputModalities == ["text"] { model.outputModalities = known.outputModalities }
        model.reasoningLevels = live.reasoningLevels ?? known.reasoningLevels
        model.reasoning = live.reasoning ?? known.reasoning
        model.sampling = live.sampling ?? known.sampling
        model.supportsTools = live.supportsTools ?? known.supportsTools
        model.supportsWebSearch = live.supportsWebSearch ?? known.supportsWebSearch
        model.price = live.price ?? known.price
        // Listed is not retired, whatever the table expected.
        model.isDeprecated = live.isDeprecated || (known.isDeprecated && !known.isRetired)
        model.shutdown = live.shutdown ?? (known.isRetired ? nil : known.shutdown)
        model.note = live.note ?? known.note
        return model
    }
}

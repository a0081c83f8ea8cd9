/// What the models of a provider refuse, as a table of name prefixes.
package struct ModelRules: Sendable {
    /// What one family of models takes.
    package struct Rule: Sendable {
        /// When temperature and top_p may be sent.
        package enum Sampling: Sendable {
            case always, never
            /// Only while the model does not reason. The argument says whether it does unless told otherwise.
            case withoutReasoning(reasonsByDefault: Bool)
        }

        /// The efforts it takes, weakest first; empty for a model that does not reason, nil when unknown.
        package var efforts: [String]?
        package var sampling: Sampling
        package var takesVerbosity: Bool

        package init(efforts: [String]? = nil, sampling: Sampling = .always, takesVerbosity: Bool = false) {
            self.efforts = efforts
            self.sampling = sampling
            self.takesVerbosity = takesVerbosity
        }
    }

    private let rules: [(prefix: String, rule: Rule)]
    private let fallback: Rule

    /// Makes a table; the longest prefix that fits holds.
    package init(_ rules: [String: Rule] = [:], fallback: Rule = Rule()) {
        self.rules = rules.sorted { $0.key.count > $1.key.count }.map { ($0.key, $0.value) }
        self.fallback = fallback
    }

    /// The rule for `model`; a gateway's `maker/` in front is passed over.
    package func rule(for model: String) -> Rule {
        let name = model.split(separator: "/").last.map(String.init) ?? model
        return rules.first { model.hasPrefix($0.prefix) || name.hasPrefix($0.prefix) }?.rule ?? fallback
    }

    /// `options` without what `model` refuses.
    package func allowed(_ options: GenerationOptions, for model: String) -> GenerationOptions {
        let rule = rule(for: model)
        var options = options
        options.reasoningEffort = rule.nearest(to: options.reasoningEffort)
        if !rule.allowsSampling(withEffort: options.reasoningEffort) {
            options.temperature = nil
            options.topP = nil
        }
        if !rule.takesVerbosity { options.outputVerbosity = nil }
        return options
    }
}

extension ModelRules.Rule {
    private static let scale = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

    /// The effort the model knows that is nearest to `effort`; the weaker of two.
    func nearest(to effort: String?) -> String? {
        guard let effort, let efforts, let wanted = Self.scale.firstIndex(of: effort) else { return effort }
        let known = efforts.compactMap { Self.scale.firstIndex(of: $0) }
        return known.min { abs($0 - wanted) < abs($1 - wanted) }.map { Self.scale[$0] }
    }

    func allowsSampling(withEffort effort: String?) -> Bool {
        switch sampling {
        case .always: true
        case .never: false
        case .withoutReasoning(let reasonsByDefault): effort.map { $0 == "none" } ?? !reasonsByDefault
        }
    }
}

/// A model as it is written on the command line: `provider/model`, or a provider alone for its default.
struct ModelName: Sendable, Hashable, CustomStringConvertible {
    var provider: String
    /// Nil takes the provider's default.
    var model: String?

    init(provider: String, model: String?) {
        self.provider = provider
        self.model = model
    }

    /// Nil when either half is empty.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let provider = parts.first, !provider.isEmpty, parts.count == 1 || parts[1].isEmpty == false else {
            return nil
        }
        // The original protocol's name.
        self.provider = provider == "grok" ? "xai" : String(provider)
        model = parts.count == 2 ? String(parts[1]) : nil
    }

    var description: String { model.map { "\(provider)/\($0)" } ?? provider }
}

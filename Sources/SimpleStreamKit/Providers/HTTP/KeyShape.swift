/// What a provider's keys look like. What does not is not sent anywhere.
public struct KeyShape: Sendable, Hashable {
    /// One of these comes first; empty for any start.
    public var prefixes: [String]
    /// Starts of keys that exist but cannot answer, each with the reason.
    public var refused: [String: String]
    /// The least length.
    public var minimumLength: Int

    public init(prefixes: [String], refused: [String: String] = [:], minimumLength: Int = 20) {
        self.prefixes = prefixes
        self.refused = refused
        self.minimumLength = minimumLength
    }

    /// Why `key` cannot be one; nil when it can.
    func objection(to key: String) -> String? {
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return "The key holds characters that no key has."
        }
        if let start = refused.keys.first(where: key.hasPrefix) { return refused[start] }
        guard prefixes.isEmpty || prefixes.contains(where: key.hasPrefix) else {
            return "Keys of this provider start with \(prefixes.joined(separator: " or "))."
        }
        return key.utf8.count < minimumLength ? "The key is too short." : nil
    }
}

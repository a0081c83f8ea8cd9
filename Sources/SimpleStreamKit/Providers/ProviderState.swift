/// What a provider wants back unchanged with the next turn: signatures, encrypted reasoning.
///
/// Only the wire format that wrote it reads it.
public struct ProviderState: Sendable, Hashable, Codable {
    /// The provider it came from; it is never sent to another.
    public var provider: String
    /// The wire format's own JSON.
    public var json: String

    public init(provider: String, json: String) {
        self.provider = provider
        self.json = json
    }
}

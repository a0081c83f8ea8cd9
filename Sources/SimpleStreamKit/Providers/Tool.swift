/// A function the model may ask to have called.
public struct Tool: Sendable, Hashable {
    /// At most 64 letters, digits, `_` and `-`.
    public var name: String
    public var description: String
    /// A JSON Schema of the arguments, as JSON text.
    public var parameters: String

    public init(name: String, description: String, parameters: String) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }
}

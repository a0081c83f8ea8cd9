/// A tool the model wants called.
public struct ToolCall: Sendable, Hashable, Codable {
    /// The provider's id for the call; made up when the provider gives none.
    public var id: String
    public var name: String
    /// The arguments as JSON text. `{}` when the model gave none.
    public var arguments: String

    public init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }

    /// About how many bytes it takes.
    var size: Int { id.utf8.count + name.utf8.count + arguments.utf8.count + 64 }
}

/// Text that must not be printed, logged, dumped or encoded.
///
/// Reading it takes ``reveal()``, so that every use can be found.
public struct Secret: Sendable, Hashable {
    private let text: String

    public init(_ text: String) { self.text = text }

    /// The secret itself.
    public func reveal() -> String { text }

    /// Its last four characters, for the owner to recognise it; empty for secrets shorter than 12.
    public var lastFour: String { text.count < 12 ? "" : String(text.suffix(4)) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "Secret(redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

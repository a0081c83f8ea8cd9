/// What went wrong between us and Redis.
///
/// Callers branch on ``code``. The description never holds a password or what was stored.
public struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of trouble.
    public struct Code: Sendable, Hashable {
        private enum Kind { case unavailable, closed, timedOut, overloaded, refused, violation }
        private let kind: Kind

        /// Redis is out of reach, or was not asked because it was a moment ago.
        public static let unavailable = Code(kind: .unavailable)
        /// The connection ended before the answer came: whether the command was carried out is not known.
        public static let closed = Code(kind: .closed)
        /// The answer did not come in time: whether the command was carried out is not known.
        public static let timedOut = Code(kind: .timedOut)
        /// Too many commands are waiting; it was not sent.
        public static let overloaded = Code(kind: .overloaded)
        /// Redis said no.
        public static let refused = Code(kind: .refused)
        /// What came is not Redis' protocol, or too much of it.
        public static let violation = Code(kind: .violation)
    }

    public var code: Code
    /// One sentence for the operator.
    public var message: String
    /// The first word of what Redis said, such as `READONLY`; empty when it said nothing.
    public var word: String

    public init(_ code: Code, _ message: String, word: String = "") {
        self.code = code
        self.message = message
        self.word = word
    }

    /// What Redis answered in place of a result, cut to its first word and 200 characters.
    init(refusal text: String) {
        let word = text.prefix { $0 != " " }.prefix(40)
        self.init(.refused, "Redis refused: \(Self.printable(text.prefix(200)))", word: String(word))
    }

    public var description: String { message }

    /// Text of a peer without what would break a line of a log.
    private static func printable(_ text: Substring) -> String {
        String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
    }
}

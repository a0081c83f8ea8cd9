/// What a provider thinks of a key.
public struct KeyVerdict: Sendable, Hashable, Codable {
    /// The verdict in one word.
    public struct Code: RawRepresentable, Hashable, Sendable, Codable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        public static let valid = Code(rawValue: "valid")
        /// Not a key, or not one the provider knows.
        public static let rejected = Code(rawValue: "rejected")
        /// Known, but disabled, banned or not allowed to answer.
        public static let blocked = Code(rawValue: "blocked")
        /// Known, but without quota or credit.
        public static let exhausted = Code(rawValue: "exhausted")
        /// The provider would not say now.
        public static let rateLimited = Code(rawValue: "rateLimited")
        public static let unreachable = Code(rawValue: "unreachable")
        /// Something answered that is not this provider.
        public static let wrongEndpoint = Code(rawValue: "wrongEndpoint")
        /// Nobody was asked.
        public static let unchecked = Code(rawValue: "unchecked")
    }

    public var code: Code
    /// A sentence the key's owner understands.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

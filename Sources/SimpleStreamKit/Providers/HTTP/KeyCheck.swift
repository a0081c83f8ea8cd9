/// The cheapest call that tells whether a key works, and how its answer reads.
public struct KeyCheck: Sendable {
    /// Below the base URL.
    let path: String
    /// Verdicts on statuses that the table of failures would judge otherwise.
    let statuses: [Int: KeyVerdict]
    /// The verdict in a good answer; nil when it is not this provider's.
    let read: @Sendable (JSONValue) -> KeyVerdict?

    package init(
        path: String,
        statuses: [Int: KeyVerdict] = [:],
        read: @escaping @Sendable (JSONValue) -> KeyVerdict?
    ) {
        self.path = path
        self.statuses = statuses
        self.read = read
    }

    /// `GET /models`, good when it lists.
    public static let modelList = KeyCheck(path: "/models") { json in
        (json["data"] ?? json["models"])?.array == nil ? nil : .works
    }
}

extension KeyVerdict {
    /// The key works.
    package static let works = KeyVerdict(.valid, "The key works.")
}

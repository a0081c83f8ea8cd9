/// The cheapest call that tells whether a key works, and how its answer reads.
public struct KeyCheck: Sendable {
    /// Below the base URL.
    let path: String
    /// Verdicts on statuses that the table of failures takes for a lack of rights.
    let statuses: [Int: KeyVerdict]
    /// The verdict in a good answer; nil when it is not this provider's.
    let read: @Sendable (JSONValue) -> KeyVerdict?
    /// A free call that tells whether a key that is known can pay; nil when there is none.
    let probe: Probe?

    /// A call that costs nothing but is refused like one that does.
    package struct Probe: Sendable {
        /// Below the base URL.
        let path: String
        /// Besides the provider's own.
        let headers: [(name: String, value: String)]
        let body: JSONValue

        package init(path: String, headers: [(name: String, value: String)] = [], body: JSONValue) {
            self.path = path
            self.headers = headers
            self.body = body
        }
    }

    package init(
        path: String,
        statuses: [Int: KeyVerdict] = [:],
        probe: Probe? = nil,
        read: @escaping @Sendable (JSONValue) -> KeyVerdict?
    ) {
        self.path = path
        self.statuses = statuses
        self.probe = probe
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

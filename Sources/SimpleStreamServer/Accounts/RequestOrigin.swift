import HTTPTypes

/// The page a request comes from, as far as browsers tell.
struct RequestOrigin: Sendable {
    let origin: String?
    let fetchSite: String?
    let host: Authority?
    let scheme: String

    init(_ head: HTTPRequest) {
        origin = head.headerFields[.origin]
        fetchSite = head.headerFields[.secFetchSite]
        host = head.authority.flatMap { Authority($0) }
        scheme = head.scheme ?? "http"
    }

    /// Whether the page may do what it asks for in the user's name.
    func isAllowed(by policy: OriginPolicy, credential: OriginPolicy.Credential) -> Bool {
        policy.allows(origin: origin, fetchSite: fetchSite, host: host, scheme: scheme, credential: credential)
    }

    /// Whether a browser says that another site asked. Links and bookmarks say `none`.
    var isForeign: Bool { fetchSite == "cross-site" || fetchSite == "same-site" }
}

extension HTTPField.Name {
    static let secFetchSite = parsed("Sec-Fetch-Site")

    /// A name that is known to be one.
    static func parsed(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no header's name") }
        return name
    }
}

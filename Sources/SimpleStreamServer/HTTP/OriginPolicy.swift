/// Which pages may use this server in their visitor's name.
package struct OriginPolicy: Sendable {
    /// What proves who a request is from.
    package enum Credential: Sendable {
        case none
        /// Sent by a browser on its own, whatever page asked.
        case cookie
        /// Sent by code that knows it.
        case bearer
    }

    private let allowed: Set<WebOrigin>

    /// Makes a policy.
    ///
    /// - Parameter allowed: origins whose pages are ours. Besides them, a page that this server itself served over
    ///   the request's own scheme from a loopback host always is.
    package init(allowed: [WebOrigin] = []) { self.allowed = Set(allowed) }

    /// Decides over one request.
    ///
    /// - Parameters:
    ///   - origin: the `Origin` field.
    ///   - fetchSite: the `Sec-Fetch-Site` field.
    ///   - host: the `Host` field, already known to be ours.
    ///   - scheme: how the client reached us.
    package func allows(
        origin: String?, fetchSite: String?, host: Authority?, scheme: String = "http", credential: Credential
    ) -> Bool {
        guard let origin else {
            switch credential {
            case .none, .bearer: return true
            case .cookie: return fetchSite == "same-origin"
            }
        }
        guard let origin = WebOrigin(origin) else { return false }
        if allowed.contains(origin) { return true }
        guard let host, host.isLoopback, origin.scheme == scheme else { return false }
        return origin.host == host.host && origin.port == host.port ?? (scheme == "https" ? 443 : 80)
    }
}

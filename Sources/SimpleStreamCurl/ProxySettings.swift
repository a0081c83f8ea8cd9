import SimpleStreamKit

/// The proxies that an environment names, by the usual variables.
///
/// libcurl's own look-up is not used: it reads the process's environment on every request.
struct ProxySettings: Sendable, Hashable {
    private let http: String?
    private let https: String?
    private let exceptions: [Substring]

    init(environment: [String: String]) {
        func value(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        // `HTTP_PROXY` can be set by a CGI client's `Proxy:` field and is left out, as in libcurl.
        http = value("http_proxy", "all_proxy", "ALL_PROXY")
        https = value("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        exceptions = (value("no_proxy", "NO_PROXY") ?? "").split { $0 == "," || $0 == " " }
    }

    /// The proxy for a host, nil when it is to be reached directly.
    func proxy(scheme: String, host: String) -> String? {
        guard let proxy = scheme == "https" ? https : http, !isException(host) else { return nil }
        return proxy
    }

    private func isException(_ host: String) -> Bool {
        let host = host.lowercased()
        let address = IPAddress(host)
        return exceptions.contains { exception in
            if exception == "*" { return true }
            if let address { return IPPrefix(String(exception))?.contains(address) ?? false }
            let name = exception.lowercased().drop { $0 == "." }
            return !name.isEmpty && (host == name || host.hasSuffix(".\(name)"))
        }
    }
}

/// The origin of a web page: scheme, host and port.
package struct WebOrigin: Sendable, Hashable {
    package let scheme: String
    package let host: String
    package let port: Int

    /// Reads the value of an `Origin` field or the start of a URL; nil for `null` and anything but http and https.
    package init?(_ text: some StringProtocol) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        scheme = text[..<colon].lowercased()
        let standardPort: Int
        switch scheme {
        case "http": standardPort = 80
        case "https": standardPort = 443
        default: return nil
        }
        let rest = text[text.index(after: colon)...]
        guard rest.hasPrefix("//"), let authority = Authority(rest.dropFirst(2)) else { return nil }
        host = authority.host
        port = authority.port ?? standardPort
    }
}

import HTTPTypes
import SimpleStreamKit

/// A request that was checked and is ready for libcurl.
///
/// Prints as method and host only: the rest may hold keys.
struct RequestPlan: Sendable {
    let url: String
    /// The host alone, for messages.
    let host: String
    let method: String
    let headerLines: [String]
    let content: [UInt8]
    let hasContent: Bool
    /// A proxy's URL, empty for none.
    let proxy: String
    let options: TransportOptions

    /// - Throws: `invalid_request` for a request that must not go out.
    init(
        _ request: HTTPRequest,
        content: [UInt8],
        options: TransportOptions,
        proxies: ProxySettings
    ) throws(ChatError) {
        let scheme = (request.scheme ?? "https").lowercased()
        guard scheme == "https" || scheme == "http" && options.allowsPlainHTTP else {
            let accepted = options.allowsPlainHTTP ? "https and http" : "https"
            throw ChatError(.invalidRequest, "The provider's URL starts with \(scheme):, accepted is \(accepted).")
        }
        let authority = try Self.checkedAuthority(request.authority)
        host = Self.host(of: authority)
        let path = request.path ?? "/"
        guard path.hasPrefix("/"), request.method != .connect else {
            throw ChatError(.invalidRequest, "The request to \(host) needs a path that starts with a slash.")
        }
        url = "\(scheme)://\(authority)\(path)"
        method = request.method.rawValue
        headerLines = Self.headerLines(request.headerFields)
        self.content = content
        hasContent = !content.isEmpty || [.post, .put, .patch].contains(request.method)
        proxy = options.proxy ?? proxies.proxy(scheme: scheme, host: host) ?? ""
        self.options = options
        guard !options.requiresPublicAddress || proxy.isEmpty else {
            throw ChatError(
                .invalidRequest,
                "\(host) may only be reached at a public address, which cannot be checked behind a proxy."
            )
        }
    }

    /// The error for an address that may not be connected to.
    var addressRefusal: ChatError {
        ChatError(.invalidRequest, "\(host) has no public address; only public ones are accepted.")
    }

    private static func checkedAuthority(_ authority: String?) throws(ChatError) -> String {
        guard let authority, !authority.isEmpty else {
            throw ChatError(.invalidRequest, "The provider's URL has no host.")
        }
        // Anything that could end the authority early, and user names: keys belong into header fields.
        let isPlain = authority.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !"/?#@\\".utf8.contains($0) }
        guard isPlain else {
            throw ChatError(.invalidRequest, "The provider's host holds characters that hosts may not have.")
        }
        return authority
    }

    private static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }

    /// Fields as libcurl wants them; without a value, `Name:` would mean "leave it out" and `Name;` means empty.
    private static func headerLines(_ fields: HTTPFields) -> [String] {
        var lines = ["Expect:"]
        // Framing is libcurl's.
        let own: Set<HTTPField.Name> = [.contentLength, .transferEncoding, .connection]
        for field in fields where !own.contains(field.name) && field.name.rawName.lowercased() != "host" {
            lines.append(field.value.isEmpty ? "\(field.name.rawName);" : "\(field.name.rawName): \(field.value)")
        }
        if fields[.contentType] == nil { lines.append("Content-Type:") }
        return lines
    }
}

extension RequestPlan: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "\(method) \(host)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: ["method": method, "host": host]) }
}

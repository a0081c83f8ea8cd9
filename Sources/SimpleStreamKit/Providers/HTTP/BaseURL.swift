/// The place below which a provider's paths lie.
package struct BaseURL: Sendable, Hashable {
    package let scheme: String
    /// Host, and port if there is one.
    package let authority: String
    /// Without a slash at the end.
    package let path: String

    /// Reads an `https:` URL, or an `http:` one when that is allowed.
    ///
    /// - Throws: `invalid_request` for anything with user, query, fragment or characters no URL has.
    package init(_ text: String, allowsPlainHTTP: Bool) throws(ChatError) {
        let accepted = allowsPlainHTTP ? "https:// or http://" : "https://"
        let refusal = ChatError(
            .invalidRequest, "A base URL starts with \(accepted) and a host, and has no user, query or fragment.")
        guard let separator = text.firstRange(of: "://") else { throw refusal }
        let scheme = text[..<separator.lowerBound].lowercased()
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard scheme == "https" || (scheme == "http" && allowsPlainHTTP), !authority.isEmpty,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !authority.contains("@"), !authority.contains("\\"),
            !rest.contains(where: { "?#\"<>^`{|}".contains($0) })
        else { throw refusal }
        var path = rest[authority.endIndex...]
        while path.hasSuffix("/") { path.removeLast() }
        self.scheme = scheme
        self.authority = authority.lowercased()
        self.path = String(path)
    }
}

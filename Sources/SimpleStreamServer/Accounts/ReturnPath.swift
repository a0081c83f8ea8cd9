/// Where a user is sent after signing in: a place on this server, never another site.
enum ReturnPath {
    /// The path when it is one of this server; `/` otherwise.
    static func checked(_ path: String?) -> String {
        guard let path, path.utf8.count <= 500, path.hasPrefix("/") else { return "/" }
        // `//evil` names a host, and browsers read `\` as `/`. Anything outside plain ASCII is sent encoded.
        let isPlain = path.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
        guard isPlain, !path.dropFirst().hasPrefix("/") else { return "/" }
        // Back to where signing in begins would go round for ever.
        return path.hasPrefix("/api/") ? "/" : path
    }
}

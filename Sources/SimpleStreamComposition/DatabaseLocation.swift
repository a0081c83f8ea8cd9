/// Where conversations are kept.
package struct DatabaseLocation: Sendable, Hashable {
    /// The SQLite file.
    package var path: String

    /// The directory the file is in: the journal, the attachments and the keys made by us are there, too.
    package var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Reads `DATABASE_URL`; without one the file is in the user's data directory.
    ///
    /// - Parameter home: where a path that begins with `~/` starts.
    package init(_ variables: Variables) throws(ConfigurationError) {
        let accepted = "sqlite:<path of a file>"
        guard let url = variables["DATABASE_URL"] else {
            path = try Self.dataDirectory(variables) + "/simple-stream/simple-stream.sqlite"
            return
        }
        if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            throw ConfigurationError("DATABASE_URL", "PostgreSQL is not supported by this version", accepted: accepted)
        }
        guard url.hasPrefix("sqlite:") else {
            // The value may hold a password.
            throw ConfigurationError("DATABASE_URL", "it does not begin with sqlite:", accepted: accepted)
        }
        var path = url.dropFirst("sqlite:".count)
        // sqlite:///absolute and sqlite:/absolute name the same file.
        if path.hasPrefix("//") { path = path.dropFirst(2) }
        guard !path.isEmpty, !path.hasSuffix("/"), !path.contains("\0"), path != ":memory:" else {
            throw ConfigurationError("DATABASE_URL", "it names no file", accepted: accepted)
        }
        if path.hasPrefix("~/"), let home = variables["HOME"] { path = home[...] + path.dropFirst() }
        self.path = String(path)
    }

    private static func dataDirectory(_ variables: Variables) throws(ConfigurationError) -> String {
        // The XDG specification says that a relative path counts as none.
        if let directory = variables["XDG_DATA_HOME"], directory.hasPrefix("/") { return directory }
        guard let home = variables["HOME"], home.hasPrefix("/") else {
            throw ConfigurationError(
                "DATABASE_URL", "it is not set and there is no home directory", accepted: "sqlite:<path of a file>")
        }
        return home + "/.local/share"
    }
}

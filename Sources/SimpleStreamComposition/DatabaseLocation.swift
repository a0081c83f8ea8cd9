import SimpleStreamKit
package import SimpleStreamPostgres

/// Where conversations are kept, and where what belongs to this node is.
package struct DatabaseLocation: Sendable {
    package enum Kind: Sendable {
        /// A file of ours.
        case sqlite(path: String)
        /// A server that several nodes share.
        case postgres(PostgresConfiguration)
    }

    package var kind: Kind

    /// The journal and the node's id are there, with SQLite also the attachments and the keys made by us.
    package var directory: String
    /// The variable that says where the directory is, or would.
    package private(set) var directoryVariable = "SS_DATA_DIR"

    /// The SQLite file; nil with PostgreSQL.
    package var path: String? {
        guard case .sqlite(let path) = kind else { return nil }
        return path
    }

    /// What messages call it.
    package var name: String { path ?? "PostgreSQL" }

    private static let accepted = "sqlite:<path of a file> or \(PostgresConfiguration.acceptedURLs)"

    /// Reads `DATABASE_URL` and `SS_DATA_DIR`; without them everything is in the user's data directory.
    package init(_ variables: Variables) throws(ConfigurationError) {
        let dataDirectory = try Self.dataDirectory(variables)
        // Also with SQLite a bad value is told, not passed over.
        _ = try variables.int("DATABASE_CONNECTIONS", in: 1...1000)
        guard let url = variables["DATABASE_URL"] else {
            guard let directory = dataDirectory ?? Self.usualDirectory(variables) else { throw Self.homeless }
            self.init(kind: .sqlite(path: "\(directory)/simple-stream.sqlite"), directory: directory)
            return
        }
        if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            guard let directory = dataDirectory ?? Self.usualDirectory(variables) else { throw Self.homeless }
            self.init(kind: .postgres(try Self.postgres(url, variables)), directory: directory)
            return
        }
        guard url.hasPrefix("sqlite:") else {
            // The value may hold a password.
            throw ConfigurationError(
                "DATABASE_URL", "it does not begin with sqlite: or postgres://", accepted: Self.accepted)
        }
        let path = try Self.path(url.dropFirst("sqlite:".count), variables)
        self.init(kind: .sqlite(path: path), directory: dataDirectory ?? Self.directory(of: path))
        if dataDirectory == nil { directoryVariable = "DATABASE_URL" }
    }

    private init(kind: Kind, directory: String) {
        self.kind = kind
        self.directory = directory
    }

    // MARK: SQLite

    private static func path(_ text: Substring, _ variables: Variables) throws(ConfigurationError) -> String {
        var path = text
        // sqlite:///absolute and sqlite:/absolute name the same file.
        if path.hasPrefix("//") { path = path.dropFirst(2) }
        guard !path.isEmpty, !path.hasSuffix("/"), !path.contains("\0"), path != ":memory:" else {
            throw ConfigurationError("DATABASE_URL", "it names no file", accepted: accepted)
        }
        return expanded(String(path), variables)
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    // MARK: PostgreSQL

    private static func postgres(
        _ url: String, _ variables: Variables
    ) throws(ConfigurationError) -> PostgresConfiguration {
        let connections = try variables.int("DATABASE_CONNECTIONS", in: 1...1000)
        do throws(ChatError) {
            var configuration = try PostgresConfiguration(url: url)
            if let connections { configuration.maximumConnections = connections }
            return configuration
        } catch {
            throw ConfigurationError(
                "DATABASE_URL", error.detail ?? "it cannot be used", accepted: PostgresConfiguration.acceptedURLs)
        }
    }

    // MARK: Directories

    private static func dataDirectory(_ variables: Variables) throws(ConfigurationError) -> String? {
        guard let directory = variables["SS_DATA_DIR"] else { return nil }
        guard !directory.contains("\0") else {
            throw ConfigurationError("SS_DATA_DIR", "it is no path", accepted: "the path of a directory")
        }
        return expanded(directory, variables)
    }

    private static func usualDirectory(_ variables: Variables) -> String? {
        // The XDG specification says that a relative path counts as none.
        if let directory = variables["XDG_DATA_HOME"], directory.hasPrefix("/") { return directory + "/simple-stream" }
        guard let home = variables["HOME"], home.hasPrefix("/") else { return nil }
        return home + "/.local/share/simple-stream"
    }

    private static let homeless = ConfigurationError(
        "SS_DATA_DIR", "it is not set and there is no home directory", accepted: "the path of a directory")

    private static func expanded(_ path: String, _ variables: Variables) -> String {
        guard path.hasPrefix("~/"), let home = variables["HOME"] else { return path }
        return home + path.dropFirst()
    }
}

/// A text file as part of a message, for every provider alike.
package enum InlinedFile {
    private static let types: Set<String> = [
        "application/json", "application/xml", "application/yaml", "application/x-yaml", "application/toml",
        "application/javascript", "application/sql", "application/csv",
    ]

    /// The file's text with its name; nil for a file that is not text.
    package static func text(name: String, mime: String, bytes: [UInt8]) -> String? {
        let type = mime.prefix { $0 != ";" }.lowercased()
        guard type.hasPrefix("text/") || types.contains(type), let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        return "File \(name):\n\(text)"
    }
}

/// Settings by their variable's name, wherever they came from.
///
/// An empty value counts as none, as shells and compose files leave them.
package struct Variables: Sendable {
    private var values: [String: String]

    /// - Parameter layers: the first one that has a variable decides, such as flags, environment, file.
    package init(_ layers: [String: String]...) {
        values = [:]
        for layer in layers {
            for (name, value) in layer where !value.isEmpty && values[name] == nil { values[name] = value }
        }
    }

    /// The value of a variable, without white space around it.
    package subscript(name: String) -> String? {
        guard let value = values[name] else { return nil }
        let trimmed = value.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// A whole number.
    package func int(_ name: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationError(
                name, "\"\(text)\" cannot be used",
                accepted: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A quota: a whole number, 0 allows nothing, `off` is no limit.
    package func limit(_ name: String, standard: Int?) throws(ConfigurationError) -> Int? {
        guard let text = self[name] else { return standard }
        if text.lowercased() == "off" { return nil }
        guard let number = Int(text), (0...1_000_000_000_000).contains(number) else {
            throw ConfigurationError(
                name, "\"\(text)\" cannot be used", accepted: "a whole number from 0 to 1000000000000, or off")
        }
        return number
    }

    /// A cap: a whole number from 1 on, `off` is no limit.
    package func cap(_ name: String, standard: Int?) throws(ConfigurationError) -> Int? {
        guard let text = self[name] else { return standard }
        if text.lowercased() == "off" { return nil }
        guard let number = Int(text), (1...10_000_000).contains(number) else {
            throw ConfigurationError(
                name, "\"\(text)\" cannot be used", accepted: "a whole number from 1 to 10000000, or off")
        }
        return number
    }

    /// Values between commas or white space.
    package func list(_ name: String) -> [String] {
        (self[name] ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
    }

    /// `1`, `true`, `yes`, `on` or their opposites.
    package func bool(_ name: String) throws(ConfigurationError) -> Bool? {
        guard let text = self[name] else { return nil }
        switch text.lowercased() {
        case "1", "true", "yes", "on": return true
        case "0", "false", "no", "off": return false
        default: throw ConfigurationError(name, "\"\(text)\" cannot be used", accepted: "1 or 0")
        }
    }

    /// One of a few words.
    package func choice(_ name: String, of words: [String]) throws(ConfigurationError) -> String? {
        guard let text = self[name] else { return nil }
        guard words.contains(text.lowercased()) else {
            throw ConfigurationError(
                name, "\"\(text)\" cannot be used", accepted: words.joined(separator: ", "))
        }
        return text.lowercased()
    }
}

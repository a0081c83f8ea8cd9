/// What the catalog's table says of one provider.
struct CatalogSection: Sendable {
    let provider: String
    var defaultModel: String?
    var titleModel: String?
    /// Endings of dated versions, `#` for a digit.
    var snapshots: [String] = []
    /// The provider behind each creator, where ids are `creator/model`.
    var creators: [String: String] = [:]
    /// Patterns of ids that cannot chat, `*` for anything.
    var others: [String] = []
    /// Where and when the prices were read.
    var priceSource = ""
    var models: [Model] = []

    /// The id without the ending of a dated version; nil when it has none.
    func family(of id: String) -> String? {
        for ending in snapshots {
            let tail = id.utf8.suffix(ending.utf8.count)
            guard tail.count == ending.utf8.count, id.utf8.count > tail.count else { continue }
            let matches = zip(tail, ending.utf8).allSatisfy { byte, pattern in
                pattern == UInt8(ascii: "#") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == pattern
            }
            if matches { return String(id.dropLast(ending.count)) }
        }
        return nil
    }

    /// Whether `id` is of a kind that cannot chat.
    func isOther(_ id: String) -> Bool {
        others.contains { Self.matches(id[...], $0[...]) }
    }

    /// Whether `text` is `pattern`, where a star stands for anything.
    private static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return text == pattern }
        guard text.hasPrefix(first), text.count >= first.count + last.count, text.hasSuffix(last) else { return false }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}

import SimpleStreamKit

/// Texts and queries as PostgreSQL's full-text search takes them.
///
/// The words are ours, folded by `SearchText`; PostgreSQL parses and changes nothing. It keeps no word of more than 2046
/// bytes, no place beyond 16383 and no more than 255 places of one word. So a long text is kept in parts, which overlap
/// by as much as a phrase can be long.
enum SearchWords {
    private static let maximumWordSize = 1000
    private static let maximumWords = 12_000
    private static let maximumSize = 400_000
    private static let maximumPlaces = 250
    /// One less than a phrase may have words.
    private static let overlap = 63

    /// The parts of a text, each written as a `tsvector`.
    static func parts(_ text: String) -> [String] {
        let words = SearchText.indexed(text).split(separator: " ").map { cut($0) }
        var parts: [String] = []
        var start = 0
        while start < words.count {
            let (part, end) = part(of: words, from: start)
            parts.append(part)
            if end == words.count { break }
            // A part is much longer than the overlap, so this goes forward.
            start = max(end - overlap, start + 1)
        }
        return parts
    }

    private static func part(of words: [Substring], from start: Int) -> (text: String, end: Int) {
        var places: [Substring: [Int]] = [:]
        var size = 0
        var end = start
        while end < words.count, end - start < maximumWords, size < maximumSize {
            let word = words[end]
            if let count = places[word]?.count, count >= maximumPlaces { break }
            places[word, default: []].append(end - start + 1)
            size += word.utf8.count + 8
            end += 1
        }
        var text = ""
        text.reserveCapacity(size + size / 2)
        for (word, places) in places {
            text += "'\(quoted(word))':"
            text += places.map(String.init).joined(separator: ",")
            text += " "
        }
        return (text, end)
    }

    /// Each phrase written as a `tsquery`.
    ///
    /// Every word is quoted: nothing is syntax.
    static func queries(_ phrases: [SearchText.Phrase]) -> [String] {
        phrases.map { phrase in
            let words = phrase.words.map { "'\(quoted(cut($0[...])))'" }.joined(separator: " <-> ")
            return words + (phrase.isPrefix ? ":*" : "")
        }
    }

    private static func quoted(_ word: Substring) -> String {
        var quoted = String.UnicodeScalarView()
        for scalar in word.unicodeScalars {
            if scalar == "\\" || scalar == "'" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        return String(quoted)
    }

    /// The word, or as much of it as is kept: never nothing, since a scalar has four bytes at most.
    private static func cut(_ word: Substring) -> Substring {
        guard word.utf8.count > maximumWordSize else { return word }
        var size = 0
        return Substring(
            word.unicodeScalars.prefix { scalar in
                size += scalar.utf8.count
                return size <= maximumWordSize
            })
    }
}

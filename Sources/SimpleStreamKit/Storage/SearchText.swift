/// Text as it is searched: words in lower case without diacritics.
///
/// Every store indexes ``indexed(_:)`` and looks for ``phrases(_:)``, so that all find the same. Scripts written
/// without spaces are cut into single characters, which a phrase then holds together.
package enum SearchText {
    /// Words to find side by side.
    package struct Phrase: Hashable, Sendable {
        package var words: [String]
        /// Whether the last word may go on.
        package var isPrefix: Bool
    }

    /// The words of a text, separated by one space each.
    package static func indexed(_ text: String) -> String {
        var words = WordFolder()
        for scalar in text.unicodeScalars { words.append(scalar) }
        return String(decoding: words.finish(), as: UTF8.self)
    }

    /// The phrases a query asks for, all of which must be there; the last may be unfinished.
    ///
    /// Nothing in a query is syntax. Empty when it has no word; only the first 32 phrases and 64 words of each count.
    package static func phrases(_ query: String) -> [Phrase] {
        var phrases: [Phrase] = []
        for piece in query.split(whereSeparator: \.isWhitespace) {
            let words = indexed(String(piece)).split(separator: " ").prefix(64).map(String.init)
            if !words.isEmpty { phrases.append(Phrase(words: words, isPrefix: false)) }
            if phrases.count == 32 { break }
        }
        if !phrases.isEmpty { phrases[phrases.count - 1].isPrefix = true }
        return phrases
    }
}

/// Folds scalars into words.
private struct WordFolder {
    private var bytes: [UInt8] = []
    private var isInWord = false

    mutating func finish() -> [UInt8] {
        if bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        return bytes
    }

    mutating func append(_ scalar: Unicode.Scalar) {
        if scalar.isASCII { return append(ascii: UInt8(truncatingIfNeeded: scalar.value)) }
        // Accents written as characters of their own.
        if (0x300...0x36F).contains(scalar.value) { return }
        if let base = Self.bases[scalar.value] { return write(base) }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .titlecaseLetter:
            for lower in scalar.properties.lowercaseMapping.unicodeScalars
            where !(0x300...0x36F).contains(lower.value) {
                write(lower)
            }
        case .lowercaseLetter:
            write(scalar.value == 0x3C2 ? "\u{3C3}" : scalar)
        case .modifierLetter, .otherLetter, .decimalNumber, .letterNumber, .otherNumber:
            if Self.standsAlone(scalar) { writeAlone(scalar) } else { write(scalar) }
        case .nonspacingMark, .spacingMark:
            if isInWord { write(scalar) }
        default:
            endWord()
        }
    }

    private mutating func append(ascii byte: UInt8) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            bytes.append(byte)
            isInWord = true
        case UInt8(ascii: "A")...UInt8(ascii: "Z"):
            bytes.append(byte | 0x20)
            isInWord = true
        default:
            endWord()
        }
    }

    private mutating func write(_ scalar: Unicode.Scalar) {
        bytes.append(contentsOf: scalar.utf8)
        isInWord = true
    }

    private mutating func writeAlone(_ scalar: Unicode.Scalar) {
        endWord()
        write(scalar)
        endWord()
    }

    private mutating func endWord() {
        guard isInWord else { return }
        bytes.append(UInt8(ascii: " "))
        isInWord = false
    }

    /// Thai, Lao, kana and ideographs are written without spaces.
    private static func standsAlone(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xE00...0xEFF, 0x3040...0x30FF, 0x31F0...0x31FF: true
        default: scalar.properties.isIdeographic
        }
    }

    /// Latin and Greek letters with diacritics, and the small letter their Unicode name says they are.
    private static let bases: [UInt32: Unicode.Scalar] = {
        let letters = [0x41...0x5A, 0x61...0x7A, 0xC0...0x24F, 0x370...0x3FF, 0x1E00...0x1FFF].joined()
            .compactMap { Unicode.Scalar(UInt32($0)) }
        let named = letters.compactMap { letter in letter.properties.name.map { ($0, letter) } }
        let byName = Dictionary(named) { first, _ in first }
        var bases: [UInt32: Unicode.Scalar] = [:]
        for (name, letter) in named {
            let words = name.split(separator: " ")
            guard words.count > 4, words[2] == "LETTER", words[4] == "WITH" else { continue }
            bases[letter.value] = byName["\(words[0]) SMALL LETTER \(words[3])"]
        }
        return bases
    }()
}

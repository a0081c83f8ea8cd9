/// Takes out of a provider's words what looks like a key.
package enum SecretScrubber {
    /// What keys begin with.
    private static let prefixes = [
        "sk-", "xai-", "gsk_", "vck_", "AIza", "AQ.", "LLM|", "v1:", "eyJ", "sk_", "key-", "pk-", "hf_", "nvapi-",
    ]

    /// `text` with every word that looks like a key replaced, wherever it stands.
    package static func scrub(_ text: String) -> String {
        var result = ""
        var word = ""
        for character in text {
            if isKeyCharacter(character) {
                word.append(character)
            } else {
                result += looksSecret(word) ? "[redacted]" : word
                result.append(character)
                word = ""
            }
        }
        return result + (looksSecret(word) ? "[redacted]" : word)
    }

    /// `text` scrubbed, and without `secret` even where it looks like a word.
    package static func scrub(_ text: String, of secret: Secret?) -> String {
        guard let secret = secret?.reveal(), !secret.isEmpty else { return scrub(text) }
        return scrub(replacing(secret, in: text))
    }

    private static func replacing(_ secret: String, in text: String) -> String {
        let pattern = Array(secret.utf8)
        var rest = Array(text.utf8)[...]
        var result: [UInt8] = []
        while let first = rest.first {
            if rest.starts(with: pattern) {
                result += "[redacted]".utf8
                rest = rest.dropFirst(pattern.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isKeyCharacter(_ character: Character) -> Bool {
        guard let byte = character.asciiValue else { return false }
        return switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "|"),
            UInt8(ascii: "*"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "+"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    private static func looksSecret(_ word: String) -> Bool {
        if word.utf8.count >= 12, prefixes.contains(where: { word.contains($0) }) { return true }
        // A long word of letters and digits without the dashes of a model's name.
        let runs = word.split { $0 == "-" || $0 == "." || $0 == ":" }
        return runs.contains { run in
            run.utf8.count >= 28 && run.contains { $0.isNumber } && run.contains { $0.isLetter }
        }
    }
}

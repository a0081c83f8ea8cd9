import SimpleStreamKit

/// The short code a user types to let a program in.
enum DeviceCodes {
    /// No vowels, so that no words come out; nothing that looks like something else.
    private static let letters = Array("BCDFGHJKLMNPQRSTVWXZ")

    /// A new code, such as `BCDF-GHJK`: 34 bits, enough for ten minutes of a few guesses each.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let code = (0..<8).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] }
        return String(code[..<4]) + "-" + String(code[4...])
    }

    /// The code as it was made, however it was typed; nil when it cannot be one.
    static func read(_ text: String) -> String? {
        let code = text.uppercased().filter { $0 != "-" && $0 != " " }
        guard code.utf8.count == 8, code.allSatisfy(letters.contains) else { return nil }
        return code.prefix(4) + "-" + code.suffix(4)
    }
}

/// Why bytes are not the JSON that was asked for.
package struct JSONError: Error, Sendable, Hashable {
    /// What is wrong.
    package enum Reason: String, Sendable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "a character stands where none of its kind may"
        case trailingBytes = "something follows the value"
        case tooDeep = "it is nested too deeply"
        case badNumber = "a number is malformed or out of range"
        case badEscape = "an escape sequence is malformed"
        case badUTF8 = "a string is not UTF-8"
        case controlCharacter = "a string holds a control character"
        case nul = "a string holds U+0000"
        case loneSurrogate = "a string holds half of a surrogate pair"
        case duplicateKey = "an object holds a key twice"
    }

    package let reason: Reason
    /// Bytes before the place.
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "not valid JSON at byte \(offset): \(reason.rawValue)" }
}

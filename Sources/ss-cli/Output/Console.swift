#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The three standard streams.
final class Console: Sendable {
    /// The descriptor of standard input.
    let input: Int32
    /// Only what was asked for.
    let output: OutputChannel
    /// Thinking, usage, notices and errors.
    let errors: OutputChannel

    init(input: Int32, output: Int32, errors: Int32, environment: [String: String]) {
        self.input = input
        self.output = OutputChannel(output, environment: environment)
        self.errors = OutputChannel(errors, environment: environment)
    }

    var inputIsTerminal: Bool { isatty(input) == 1 }

    /// Whether a person looks at both the answer and the notices.
    var isInteractive: Bool { output.isTerminal && errors.isTerminal }

    /// Says something on a line of its own on standard error, without control characters.
    func note(_ message: String) {
        errors.enqueue(TerminalText.visible(message) + "\n")
    }

    /// A dimmed line on standard error.
    func aside(_ message: String) {
        errors.enqueue(dimmed(TerminalText.visible(message)) + "\n")
    }

    /// `text` in the dim style, where there is one.
    func dimmed(_ text: String) -> String {
        errors.hasStyle ? "\u{1B}[2m\(text)\u{1B}[22m" : text
    }

    /// Writes one line of a list, or of JSON, to standard output.
    func print(_ line: String) async throws(OutputClosed) {
        try await output.write((output.isTerminal ? TerminalText.visible(line) : line) + "\n")
    }

    /// Returns when everything so far is written.
    func flush() async {
        await output.flush()
        await errors.flush()
    }
}

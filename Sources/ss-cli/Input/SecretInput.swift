import SimpleStreamKit

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads a key: from a pipe, or typed without being shown.
enum SecretInput {
    /// - Parameter prompt: what a person is asked.
    /// - Throws: `CommandFailure` when nothing, or more than a line, comes.
    static func read(_ prompt: String, in context: CommandContext) async throws -> Secret {
        let console = context.console
        let isTyped = console.inputIsTerminal
        if isTyped {
            console.errors.enqueue(prompt)
            await console.errors.flush()
        }
        let text = isTyped ? try await typed(in: context) : try await StandardInput.text(console.input)
        let key = text.split(whereSeparator: \.isWhitespace)
        guard let first = key.first, key.count == 1 else {
            throw CommandFailure.usage(
                key.isEmpty
                    ? "No key was given: type it, or pipe it in." : "A key is one word; more than that was given.")
        }
        return Secret(String(first))
    }

    private static func typed(in context: CommandContext) async throws -> String {
        let descriptor = context.console.input
        var before = termios()
        guard unsafe tcgetattr(descriptor, &before) == 0 else {
            throw CommandFailure.usage("The terminal cannot be read without showing the key; pipe it in.")
        }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &silent)
        let restore: @Sendable () -> Void = { [before] in
            var before = before
            _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &before)
        }
        context.interrupts.beforeExit(restore)
        defer {
            restore()
            context.interrupts.beforeExit(nil)
            context.console.errors.enqueue("\n")
        }
        return try await StandardInput.line(descriptor)
    }
}

import Foundation
import SimpleStreamKit
import TestSupport
import Testing

@Suite struct CLITerminalTests {
    static let hostile = "\u{1B}[2J\u{1B}]0;owned\u{7}a\rb\u{8}\u{9B}31m\u{202E}evil\u{7F}\r\ntab\tend\u{200B}"

    @Test func showsControlCharactersInsteadOfSendingThem() async throws {
        let reply = ScriptedUpstream.Reply.sse(
            events: [ChatCompletions.thinking("\u{1B}[5mthink"), ChatCompletions.text(Self.hostile)]
                + ChatCompletions.end())
        try await withScriptedUpstream(reply) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let process = try home.start("go", "-m", "local/tiny", output: .terminal, set: ["NO_COLOR": "1"])
                let screen = try await process.result()
                #expect(screen.status == 0)
                // The terminal itself makes line breaks of two characters.
                let shown = screen.output.replacing("\r\n", with: "\n")
                #expect(!shown.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
                #expect(!shown.unicodeScalars.contains { (0x7F...0x9F).contains($0.value) || $0.value == 0x202E })
                #expect(shown.contains("␛[2J␛]0;owned␇a␍b␈<U+009B>31m<U+202E>evil␡\ntab\tend<U+200B>\n"))
                #expect(shown.contains("␛[5mthink"))
            }
        }
    }

    @Test func givesAPipeTheBytes() async throws {
        try await withScriptedUpstream(ChatCompletions.reply(Self.hostile)) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let result = try await home.run("go", "-m", "local/tiny")
                #expect(result.output == Self.hostile + "\n")
            }
        }
    }

    @Test(arguments: [true, false]) func dimsThinkingWhereThatIsWanted(_ isPlain: Bool) async throws {
        let reply = ScriptedUpstream.Reply.sse(
            events: [ChatCompletions.thinking("hm"), ChatCompletions.text("yes")] + ChatCompletions.end())
        try await withScriptedUpstream(reply) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let process = try home.start(
                    "go", "-m", "local/tiny", output: .terminal, set: isPlain ? ["NO_COLOR": "1"] : [:])
                let screen = try await process.result().output
                #expect(screen.contains(isPlain ? "hm\r\n\r\nyes\r\n" : "\u{1B}[2mhm\u{1B}[22m\r\n\r\nyes\r\n"))
                #expect(screen.contains("\u{1B}") == !isPlain)
            }
        }
    }

    @Test func neverShowsAKeyThatIsTyped() async throws {
        try await withCLIHome { home in
            let secret = "sk-secret-0123456789abcdef"
            let process = try home.start("keys", "set", "openai", "--no-check", output: .terminal)
            await process.output.contains("not shown")
            try process.type(secret + "\n")
            let screen = try await process.result()
            #expect(screen.status == 0)
            #expect(!screen.output.contains("secret"))
            let list = try await home.run("keys", "list")
            #expect(list.output.contains("openai"))
            #expect(list.output.contains("…cdef"))
            #expect(!list.output.contains("secret"))
        }
    }

    @Test func wantsAPromptOnATerminal() async throws {
        try await withCLIHome { home in
            let screen = try await home.start(output: .terminal).result()
            #expect(screen.status == 2)
            #expect(screen.output.contains("no prompt"))
        }
    }
}

import Foundation
import SimpleStreamKit
import TestSupport
import Testing

@Suite struct CLIAnswerTests {
    @Test func printsTheAnswerAndNothingElse() async throws {
        try await withScriptedUpstream(ChatCompletions.reply("Hello", ", ", "wörld 👋")) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let result = try await home.run("Say", "hello", "-m", "local/tiny")
                #expect(result.output == "Hello, wörld 👋\n")
                #expect(result.errors == "")
                #expect(result.status == 0)
                let request = try JSONValue(parsing: try #require(upstream.requests.first).body)
                #expect(request["model"]?.string == "tiny")
                #expect(request["messages"]?.array?.last?["content"]?.string == "Say hello")
            }
        }
    }

    @Test func addsNoSecondLineBreak() async throws {
        try await withScriptedUpstream(ChatCompletions.reply("one\n", "two\n")) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let result = try await home.run("hi", "-m", "local/tiny")
                #expect(result.output == "one\ntwo\n")
            }
        }
    }

    @Test func handsOutEachPieceWhenItComes() async throws {
        let gate = ScriptedUpstream.Gate()
        try await withScriptedUpstream(ChatCompletions.reply("first ", "second", gate: gate)) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let process = try home.start("hi", "-m", "local/tiny")
                gate.advance()
                await process.output.contains("first ")
                #expect(process.output.text == "first ")
                gate.open()
                #expect(try await process.result().output == "first second\n")
            }
        }
    }

    @Test func joinsWhatIsPipedIn() async throws {
        try await withScriptedUpstream(ChatCompletions.reply("ok")) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                _ = try await home.run("Summarise:", "-m", "local/tiny", input: "a\nb\n")
                let request = try JSONValue(parsing: try #require(upstream.requests.first).body)
                #expect(request["messages"]?.array?.last?["content"]?.string == "Summarise:\n\na\nb")
                let alone = try await home.run("-m", "local/tiny", input: "only this\n")
                #expect(alone.status == 0)
                let second = try JSONValue(parsing: try #require(upstream.requests.last).body)
                #expect(second["messages"]?.array?.last?["content"]?.string == "only this")
            }
        }
    }

    @Test func takesAMegabyteOfText() async throws {
        try await withScriptedUpstream(ChatCompletions.reply("long")) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let text = String(repeating: "Zeile mit Umlauten: äöü\n", count: 42_000)
                let result = try await home.run("count", "-m", "local/tiny", input: text)
                #expect(result.output == "long\n")
                let request = try JSONValue(parsing: try #require(upstream.requests.first).body)
                #expect(request["messages"]?.array?.last?["content"]?.string == "count\n\n" + text.dropLast())
            }
        }
    }

    @Test func passesTheOptionsOn() async throws {
        try await withScriptedUpstream(ChatCompletions.reply("ok")) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let result = try await home.run(
                    "-m", "local/tiny", "-s", "Be brief.", "--temperature", "0.5", "--top-p", "0.9", "--max-tokens",
                    "64",
                    "--", "--dashed prompt")
                #expect(result.status == 0)
                let request = try JSONValue(parsing: try #require(upstream.requests.first).body)
                #expect(request["temperature"]?.double == 0.5)
                #expect(request["top_p"]?.double == 0.9)
                #expect(request["max_tokens"]?.int ?? request["max_completion_tokens"]?.int == 64)
                #expect(request["messages"]?.array?.first?["content"]?.string == "Be brief.")
                #expect(request["messages"]?.array?.last?["content"]?.string == "--dashed prompt")
            }
        }
    }

    @Test func printsOneObject() async throws {
        let reply = ScriptedUpstream.Reply.sse(
            events: [ChatCompletions.thinking("hm"), ChatCompletions.text("4"), ChatCompletions.text("2")]
                + ChatCompletions.end())
        try await withScriptedUpstream(reply) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let result = try await home.run("--json", "hi", "-m", "local/tiny")
                #expect(result.lines.count == 1)
                let object = try JSONValue(parsing: result.output)
                #expect(object["conversationId"]?.string?.isEmpty == false)
                #expect(object["messageId"]?.string?.isEmpty == false)
                #expect(object["provider"] == "local")
                #expect(object["model"] == "tiny")
                #expect(object["text"] == "42")
                #expect(object["thinkingText"] == "hm")
                #expect(object["stopReason"] == "stop")
                #expect(
                    object["usage"]
                        == [
                            "inputTokens": 7, "cachedInputTokens": 0, "outputTokens": 3, "reasoningTokens": 0,
                            "estimated": false,
                        ])
                #expect(object["costMicroUSD"] == nil)
                #expect(object["error"] == nil)
                #expect(result.errors == "")
            }
        }
    }

    @Test func printsEachFrameOnALine() async throws {
        try await withScriptedUpstream(ChatCompletions.reply("a", "b\n", gate: nil)) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let result = try await home.run("--events", "hi", "-m", "local/tiny")
                let frames = try result.lines.map { try JSONValue(parsing: $0) }
                #expect(frames.first?["type"] == "ai_chat_ack")
                #expect(frames.last?["type"] == "ai_chat_response")
                let chunks = frames.filter { $0["type"] == "ai_chat_chunk" }
                #expect(chunks.compactMap { $0["chunk"]?.string }.joined() == "ab\n")
                #expect(frames.compactMap { $0["seq"]?.int } == Array(1...(chunks.count + 1)))
                #expect(Set(frames.compactMap { $0["messageId"]?.string }).count == 1)
                #expect(result.status == 0)
            }
        }
    }

    @Test func waitsForTheWholeAnswer() async throws {
        let gate = ScriptedUpstream.Gate()
        try await withScriptedUpstream(ChatCompletions.reply("one ", "two", gate: gate)) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let process = try home.start("--no-stream", "hi", "-m", "local/tiny")
                gate.open()
                #expect(try await process.result().output == "one two\n")
            }
        }
    }

    @Test func showsThinkingOnlyWhenAskedTo() async throws {
        let reply = ScriptedUpstream.Reply.sse(
            events: [ChatCompletions.thinking("let me see"), ChatCompletions.text("yes")] + ChatCompletions.end())
        try await withScriptedUpstream(reply) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                #expect(try await home.run("hi", "-m", "local/tiny").errors == "")
                let shown = try await home.run("hi", "-m", "local/tiny", "--thinking", "--usage")
                #expect(shown.output == "yes\n")
                #expect(shown.errors.hasPrefix("let me see\n"))
                #expect(shown.errors.contains("local/tiny · 7 in · 3 out"))
                #expect(!shown.errors.contains("\u{1B}"))
            }
        }
    }

    @Test func answersWithoutAnyModel() async throws {
        try await withCLIHome { home in
            let result = try await home.run("repeat this", set: ["SS_DEMO": "1"])
            #expect(result.output == "repeat this\n")
            #expect(result.status == 0)
        }
    }

    @Test func sendsPicturesAlong() async throws {
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0]
        try await withScriptedUpstream(ChatCompletions.reply("a picture")) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let path = try home.file("wrong-name.txt", png)
                let result = try await home.run("what is this?", "-m", "local/tiny", "--attach", path)
                #expect(result.output == "a picture\n")
                #expect(try await upstream.request().text.contains("data:image"))
                let text = try home.file("picture.png", Array("no picture".utf8))
                let refused = try await home.run("what?", "-m", "local/tiny", "--attach", text)
                #expect(refused.status == 2)
                #expect(refused.errors.contains("PNG, JPEG, GIF, WebP and PDF"))
            }
        }
    }
}

import Foundation
import SimpleStreamKit
import TestSupport
import Testing

@Suite struct CLIInterruptTests {
    /// An answer that stops in its middle until the client leaves.
    static let endless = ScriptedUpstream.Reply.sse(events: [ChatCompletions.text("partial answer ")])
        .replacingLast(with: .hold)

    @Test(arguments: [SIGINT, SIGTERM]) func keepsWhatWasSaid(_ signal: Int32) async throws {
        try await withScriptedUpstream(Self.endless) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let process = try home.start("go", "-m", "local/tiny")
                await process.output.contains("partial answer ")
                process.send(signal)
                try await upstream.connectionClosed()
                let result = try await process.result()
                #expect(result.status == 130)
                #expect(result.output == "partial answer \n")
                #expect(result.errors.contains("kept"))
                let list = try JSONValue(parsing: try await home.run("logs", "--json").output)
                let id = try #require(list[0]?["id"]?.string)
                let messages = try JSONValue(parsing: try await home.run("logs", id, "--json").output)["messages"]
                #expect(messages?[1]?["content"] == "partial answer ")
                #expect(messages?[1]?["status"] == "cancelled")
            }
        }
    }

    @Test func printsTheObjectAllTheSame() async throws {
        try await withScriptedUpstream(Self.endless) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let process = try home.start("go", "-m", "local/tiny", "--events")
                await process.output.contains("partial answer ")
                process.send(SIGINT)
                let result = try await process.result()
                #expect(result.status == 130)
                let last = try JSONValue(parsing: result.lines.last ?? "")
                #expect(last["type"] == "ai_chat_response")
                #expect(last["stopReason"] == "cancelled")
                #expect(last["chunk"] == "partial answer ")
            }
        }
    }

    @Test func endsAtOnceWhileNothingIsAsked() async throws {
        try await withCLIHome { home in
            // Standard input stays open: the prompt is being waited for.
            let process = try home.start("go", "-m", "local/tiny", input: nil)
            try await process.hasStarted()
            process.send(SIGINT)
            #expect(try await process.result().status == 130)
        }
    }

    @Test(arguments: [[], ["--events"]]) func stopsWhenNobodyReads(_ options: [String]) async throws {
        let gate = ScriptedUpstream.Gate()
        let more = (0..<50).map { ChatCompletions.text("line \($0)\n") }
        try await withScriptedUpstream(.sse(events: more + ChatCompletions.end(), gate: gate)) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let process = try ChildProcess(
                    ["go", "-m", "local/tiny"] + options, of: "ss-cli", environment: home.environment,
                    output: .head(after: "line 0"))
                gate.advance(by: 2)
                try await upstream.connectionClosed()
                let result = try await process.result()
                #expect(result.status == 0)
                #expect(result.errors == "")
            }
        }
    }

    @Test func leavesNoAnswerStreamingWhenKilled() async throws {
        try await withScriptedUpstream(Self.endless) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let process = try home.start("go", "-m", "local/tiny")
                await process.output.contains("partial answer ")
                process.send(SIGKILL)
                #expect(try await process.result().status == -SIGKILL)
                // The lease runs out; until then the answer counts as being written.
                var status: String?
                while status != "interrupted" {
                    let list = try JSONValue(parsing: try await home.run("logs", "--json").output)
                    let id = try #require(list[0]?["id"]?.string)
                    let messages = try JSONValue(parsing: try await home.run("logs", id, "--json").output)["messages"]
                    status = messages?[1]?["status"]?.string
                    #expect(status == "streaming" || status == "interrupted")
                }
                #expect(try await home.run("runs", "--json").output == "[]\n")
            }
        }
    }

    @Test func stopsAndFollowsTheAnswersOfAnotherProcess() async throws {
        try await withScriptedUpstream(Self.endless) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let writer = try home.start("go", "-m", "local/tiny", "--events")
                await writer.output.contains("partial answer ")
                let runs = try JSONValue(parsing: try await home.run("runs", "--json").output)
                let id = try #require(runs[0]?["messageId"]?.string)
                let reader = try home.start("attach", id)
                await reader.output.contains("partial answer ")
                #expect(try await home.run("stop", id).status == 0)
                #expect(try await writer.result().status == 130)
                let followed = try await reader.result()
                #expect(followed.output == "partial answer \n")
                #expect(followed.status == 130)
                #expect(try await home.run("attach", id).output == "partial answer \n", "also when it is over")
                #expect(try await home.run("attach", "nothing").status == 7)
            }
        }
    }
}

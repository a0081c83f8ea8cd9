import Foundation
import SimpleStreamKit
import TestSupport
import Testing

@Suite struct CLIHistoryTests {
    @Test func goesOnWithTheConversation() async throws {
        try await withScriptedUpstream(ChatCompletions.reply("Ada."), ChatCompletions.reply("You said Ada.")) {
            upstream in
            try await withCLIHome(upstream: upstream) { home in
                let first = try JSONValue(parsing: try await home.run("Name?", "-m", "local/tiny", "--json").output)
                let again = try JSONValue(parsing: try await home.run("-c", "What did you say?", "--json").output)
                #expect(again["conversationId"] == first["conversationId"])
                #expect(again["model"] == "tiny", "the model of the conversation answers")
                let request = try JSONValue(parsing: try await upstream.request(at: 1).body)
                #expect(
                    request["messages"]?.array?.compactMap { $0["content"]?.string } == [
                        "Name?", "Ada.", "What did you say?",
                    ])
                let id = try #require(first["conversationId"]?.string)
                let third = try await home.run("--cid", id, "And now?", "-m", "local/other", "--json")
                #expect(try JSONValue(parsing: third.output)["conversationId"]?.string == id)
            }
        }
    }

    @Test func listsAndShowsConversations() async throws {
        try await withCLIHome { home in
            let demo = ["SS_DEMO": "1"]
            for prompt in ["first question", "second question", "third thing"] {
                #expect(try await home.run(prompt, set: demo).status == 0)
            }
            let all = try await home.run("logs")
            #expect(all.lines.count == 4)
            #expect(all.lines[1].hasSuffix("third thing"))
            let column = try #require(all.lines.first?.firstRange(of: "TITLE"))
            #expect(
                all.lines.dropFirst().allSatisfy { $0.count > $0.distance(from: $0.startIndex, to: column.lowerBound) })
            #expect(try await home.run("logs", "-n", "1").lines.count == 2)
            let found = try JSONValue(parsing: try await home.run("logs", "-q", "question", "--json").output)
            #expect(found.array?.compactMap { $0["title"]?.string } == ["second question", "first question"])
            let id = try #require(found[0]?["id"]?.string)
            let shown = try await home.run("logs", id)
            #expect(shown.output.contains("## user"))
            #expect(shown.output.contains("## demo/echo"))
            let object = try JSONValue(parsing: try await home.run("logs", id, "--json").output)
            #expect(object["messages"]?.array?.compactMap { $0["role"]?.string } == ["user", "assistant"])
            let nowhere = try await home.run("logs", "nowhere")
            #expect(nowhere.status == 7)
            #expect(nowhere.errors.contains("nowhere"))
        }
    }

    @Test func listsModelsInColumns() async throws {
        let models =
            #"{"object":"list","data":[{"id":"tiny","object":"model"},{"id":"a-model-with-a-long-name","object":"model"}]}"#
        try await withScriptedUpstream(.json(models)) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let result = try await home.run("models", "--available", set: ["SS_DEMO": "1"])
                #expect(result.status == 0)
                #expect(
                    result.lines.map { $0.split(separator: " ").first ?? "" } == [
                        "MODEL", "local/tiny", "local/a-model-with-a-long-name", "demo/echo",
                    ])
                let columns = zip(result.lines, ["KEY", "not needed", "not needed", "not needed"]).map {
                    line, key in line.hasSuffix(key) ? line.count - key.count : -1
                }
                #expect(Set(columns).count == 1, "the columns are aligned")
                let json = try JSONValue(parsing: try await home.run("models", "--json").output)
                let tiny = json.array?.first { $0["id"] == "tiny" }
                #expect(tiny?["provider"] == "local")
                #expect(tiny?["available"] == true)
                #expect(tiny?["keySource"] == "operator")
            }
        }
    }

    @Test func remembersTheDefaultModel() async throws {
        try await withScriptedUpstream(ChatCompletions.reply("ok")) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let demo = ["SS_DEMO": "1"]
                #expect(try await home.run("models", "--default", "local/tiny", set: demo).status == 0)
                #expect(try await home.run("hi", set: demo).output == "ok\n")
                #expect(try JSONValue(parsing: try await upstream.request().body)["model"] == "tiny")
                let other = try await home.run("hi", set: ["SS_DEMO": "1", "SS_MODEL": "demo/echo"])
                #expect(other.output == "hi\n", "the environment goes before the file")
                let wrong = try await home.run("models", "--default", "nobody/x", set: demo)
                #expect(wrong.status == 2)
            }
        }
    }
}

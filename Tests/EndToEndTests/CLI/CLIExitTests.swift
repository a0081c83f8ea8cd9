import Foundation
import SimpleStreamKit
import TestSupport
import Testing

@Suite struct CLIExitTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var reply: ScriptedUpstream.Reply
        var status: Int32
        var code: String
        var text = ""
    }

    static let cases = [
        Case(testDescription: "401", reply: .json(status: 401), status: 4, code: "provider_auth"),
        Case(
            testDescription: "429", reply: .rateLimited(retryAfterSeconds: 3600), status: 5,
            code: "provider_rate_limited"),
        Case(testDescription: "400", reply: .json(status: 400), status: 7, code: "provider_invalid_request"),
        Case(testDescription: "404", reply: .json(status: 404), status: 7, code: "provider_model_not_found"),
        Case(
            testDescription: "reset", reply: .sse(events: [ChatCompletions.text("begun")]).replacingLast(with: .reset),
            status: 6, code: "provider_unavailable", text: "begun"),
        Case(
            testDescription: "end without an end", reply: .sse(events: [ChatCompletions.text("begun")]), status: 9,
            code: "provider_protocol", text: "begun"),
    ]

    @Test(arguments: cases) func tellsFailuresApart(_ example: Case) async throws {
        try await withScriptedUpstream(example.reply) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let plain = try await home.run("hi", "-m", "local/tiny")
                #expect(plain.status == example.status)
                #expect(plain.output == (example.text.isEmpty ? "" : example.text + "\n"))
                #expect(plain.errors.hasPrefix("ss-cli: "))
                #expect(plain.errors.split(separator: "\n").count == 1)

                let object = try await home.run("hi", "-m", "local/tiny", "--json")
                #expect(object.status == example.status)
                let json = try JSONValue(parsing: object.output)
                #expect(json["error"]?["code"]?.string == example.code)
                #expect(json["error"]?["message"]?.string?.isEmpty == false)
                #expect(json["error"]?["retryable"]?.bool != nil)
                #expect(json["text"]?.string == example.text)
                #expect(json["messageId"]?.string?.isEmpty == false)

                let events = try await home.run("hi", "-m", "local/tiny", "--events")
                #expect(events.status == example.status)
                #expect(try JSONValue(parsing: events.lines.last ?? "")["type"] == "ai_chat_error")
            }
        }
    }

    @Test func tellsThatNobodyListens() async throws {
        try await withCLIHome { home in
            let result = try await home.run("hi", "-m", "local/tiny")
            #expect(result.status == 6)
            #expect(result.output == "")
        }
    }

    @Test func tellsThatTheProviderWithheldTheRest() async throws {
        try await withScriptedUpstream(ChatCompletions.reply("I ca", reason: "content_filter")) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let result = try await home.run("hi", "-m", "local/tiny", "--json")
                #expect(result.status == 8)
                #expect(try JSONValue(parsing: result.output)["text"] == "I ca")
            }
        }
    }

    @Test func saysWhatToSetWhenNothingIs() async throws {
        try await withCLIHome { home in
            let plain = try await home.run("hi")
            #expect(plain.status == 3)
            for word in ["OPENAI_API_KEY", "LOCAL_BASE_URL", "SS_DEMO=1", "ss-cli keys set"] {
                #expect(plain.errors.contains(word))
            }
            let object = try await home.run("hi", "--json")
            #expect(object.status == 3)
            #expect(try JSONValue(parsing: object.output)["error"]?["code"] == "no_provider_key")
            let events = try await home.run("hi", "--events")
            #expect(events.status == 3)
            #expect(try JSONValue(parsing: events.output)["type"] == "error")
        }
    }

    @Test func saysWhichKeyIsMissing() async throws {
        try await withCLIHome { home in
            let result = try await home.run("hi", "-m", "openai")
            #expect(result.status == 3)
            #expect(result.errors.contains("OPENAI_API_KEY"))
            #expect(try await home.run("logs", "--json").output == "[]\n", "nothing is kept of it")
        }
    }

    @Test func saysWhichSettingIsWrong() async throws {
        try await withCLIHome { home in
            let result = try await home.run("hi", "-m", "local/tiny", set: ["ENCRYPTION_KEY": "short"])
            #expect(result.status == 3)
            #expect(result.errors.contains("ENCRYPTION_KEY"))
            #expect(!result.errors.contains("short"))
        }
    }

    static let misuses: [(arguments: [String], input: String, says: String)] = [
        ([], "", "no prompt"),
        (["   "], "\n", "no prompt"),
        (["-m", "nobody/model", "hi"], "", "local"),
        (["-m", "/x", "hi"], "", "provider/model"),
        (["--bogus"], "", "--bogus"),
        (["hi", "--temperature", "3"], "", "0 to 2"),
        (["hi", "--max-tokens", "0"], "", "1 to"),
        (["hi", "--effort", "extreme"], "", "xhigh"),
        (["hi", "--json", "--events"], "", "exclude"),
        (["hi", "-c", "--cid", "x"], "", "exclude"),
        (["hi", "-c"], "", "no conversation"),
        (["hi", "--schema", "/nonexistent"], "", "/nonexistent"),
        (["hi", "--attach", "/nonexistent"], "", "/nonexistent"),
        (["attach"], "", "messageId"),
        (["-m", "demo", "models"], "", "models must come first"),
        (["--server", "http://127.0.0.1:1", "-m", "demo", "models", "--json"], "", "models must come first"),
        (["--server", "http://127.0.0.1:1", "models", "--bogus"], "", "--bogus"),
        (["--server", "models"], "", "no prompt"),
        (["keys", "set", "nobody"], "k", "local"),
    ]

    @Test(arguments: misuses.indices) func saysWhatIsAccepted(_ index: Int) async throws {
        let misuse = Self.misuses[index]
        try await withCLIHome { home in
            let result = try await ChildProcess(
                misuse.arguments, of: "ss-cli", environment: home.environment, input: misuse.input
            ).result()
            #expect(result.status == 2)
            #expect(result.output == "")
            #expect(result.errors.contains(misuse.says))
        }
    }

    @Test func tellsThatTheDiskIsFull() async throws {
        try await withScriptedUpstream(ChatCompletions.reply("text")) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let process = try home.start("hi", "-m", "local/tiny", output: .fullDisk)
                let result = try await process.result()
                #expect(result.status == 1)
                #expect(result.errors.contains("cannot be written"))
            }
        }
    }

    @Test func refusesInputThatIsNoText() async throws {
        try await withCLIHome { home in
            let process = try home.start("hi", "-m", "local/tiny", input: nil)
            process.sendInput([0x61, 0xFF, 0xFE, 0x62])
            let result = try await process.result()
            #expect(result.status == 2)
            #expect(result.errors.contains("UTF-8"))
        }
    }

    @Test(
        arguments: [(#"{"name":"Ada","age":36}"#, 0), (#"{"name":"Ada"}"#, 10), ("no JSON", 10)] as [(String, Int32)])
    func checksTheSchema(_ answer: String, _ status: Int32) async throws {
        let schema =
            #"{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"]}"#
        try await withScriptedUpstream(ChatCompletions.reply(answer)) { upstream in
            try await withCLIHome(upstream: upstream) { home in
                let path = try home.file("schema.json", Array(schema.utf8))
                let result = try await home.run("hi", "-m", "local/tiny", "--schema", path)
                #expect(result.status == status)
                #expect(result.output == answer + "\n")
                #expect(result.errors.isEmpty == (status == 0))
                #expect(try await upstream.request().text.contains("json_schema"))
            }
        }
    }
}

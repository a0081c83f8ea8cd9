import TestSupport
import Testing

@testable import SimpleStreamKit

@Suite("Chat completions, replies")
struct ChatCompletionsDecoderTests {
    private func format(_ quirks: ChatCompletionsQuirks = .compatible) -> ChatCompletionsFormat {
        ChatCompletionsFormat(provider: "acme", quirks: quirks, failures: FailureDecoder(providerName: "Acme"))
    }

    private func delta(_ delta: String, finish: String = "null") -> String {
        #"{"id":"c","model":"m","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"#
    }

    private func call(_ call: String) -> String { delta(#"{"tool_calls":[\#(call)]}"#) }

    @Test("Text, model, usage and end come in order")
    func plain() throws {
        let events = try format().events(of: [
            delta(#"{"role":"assistant","content":""}"#), delta(#"{"content":"Hé"}"#), delta(#"{"content":"llo"}"#),
            delta("{}", finish: "\"stop\""),
            #"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":3}}}"#,
            "[DONE]",
        ])
        #expect(
            events == [
                .model("m"), .text("Hé"), .text("llo"),
                .usage(TokenUsage(inputTokens: 5, cachedInputTokens: 3, outputTokens: 2)), .finished(.stop),
            ])
    }

    @Test(
        "Every reason has its meaning",
        arguments: [
            ("stop", FinishReason.stop), ("length", .length), ("tool_calls", .toolCalls), ("function_call", .toolCalls),
            ("content_filter", .contentFilter), ("something_new", .other), ("model_length", .length),
            ("content_filter: SAFETY", .contentFilter),
        ])
    func reasons(word: String, reason: FinishReason) {
        #expect(format().summary(of: [delta("{}", finish: "\"\(word)\"")]).finish == reason)
    }

    @Test("A stream without its end is a protocol error, and its text stays")
    func cutOff() {
        let summary = format().summary(of: [delta(#"{"content":"half"}"#)])
        #expect(summary.text == "half")
        #expect(summary.errorCode == .providerProtocol)
        let v0 = format(.v0).summary(of: [delta(#"{"content":"all"}"#), #"{"choices":[],"usage":{"prompt_tokens":1}}"#])
        #expect(v0.finish == .stop)
        #expect(format(.v0).summary(of: [delta(#"{"content":"half"}"#)]).errorCode == .providerProtocol)
    }

    @Test("The closing word ends a reply that gave no reason")
    func doneWithoutReason() {
        #expect(format().summary(of: [delta(#"{"content":"x"}"#), "[DONE]", delta(#"{"content":"y"}"#)]).text == "x")
        #expect(format().summary(of: [delta(#"{"content":"x"}"#), "[DONE] \n"]).finish == .stop)
        #expect(format().summary(of: ["[DONE]"]).errorCode == .providerProtocol)
    }

    @Test(
        "Errors inside a good status are errors",
        arguments: [
            (#"{"error":{"code":429,"message":"slow down"}}"#, ChatError.Code.providerRateLimited),
            (#"{"error":"overloaded","code":"engine_overloaded"}"#, .providerOverloaded),
            (#"{"object":"error","message":"bad","type":"invalid_request_error"}"#, .providerInvalidRequest),
            (#"{"x_groq":{"error":{"message":"x","type":"tool_use_failed"}}}"#, .providerInvalidRequest),
            (#"{"error":{"message":"Oops"}}"#, .providerUnavailable), ("not json", .providerProtocol),
            (#"{"choices":[{"delta":{"content":"cut"#, .providerProtocol), ("[]", .providerProtocol),
        ])
    func errors(payload: String, code: ChatError.Code) {
        let summary = format().summary(of: [delta(#"{"content":"before"}"#), payload])
        #expect(summary.errorCode == code)
        #expect(summary.text == "before")
    }

    @Test("An error that is null is none")
    func nullError() {
        #expect(format().summary(of: [#"{"error":null,"choices":[{"finish_reason":"stop"}]}"#]).finish == .stop)
    }

    @Test("Thinking is found under every name, once")
    func thinking() {
        let summary = format().summary(of: [
            delta(#"{"reasoning_content":"a"}"#), delta(#"{"reasoning":"b","reasoning_content":"b"}"#),
            delta(#"{"reasoning":null,"reasoning_details":[{"type":"reasoning.text","text":"c"}]}"#),
            delta(#"{"reasoning":"d","reasoning_details":[{"type":"reasoning.text","text":"d"}]}"#),
            delta(
                #"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"e"}]},{"type":"text","text":"T"}]}"#
            ),
            delta("{}", finish: "\"stop\""),
        ])
        #expect(summary.thinking == "abcde")
        #expect(summary.text == "T")
        #expect(summary.state == nil)
    }

    @Test("Thinking that repeats itself is told once where that is known")
    func repeatedThinking() {
        let payloads = [
            delta(#"{"reasoning_content":"I th"}"#), delta(#"{"reasoning_content":"I think"}"#),
            delta("{}", finish: "\"stop\""),
        ]
        #expect(format(.v0).summary(of: payloads).thinking == "I think")
        #expect(format().summary(of: payloads).thinking == "I thI think")
    }

    @Test("Tool calls are put together by index, by id, or by place")
    func toolCalls() {
        let byIndex = format().summary(of: [
            call(#"{"index":0,"id":"a","function":{"name":"f","arguments":""}}"#),
            call(#"{"index":1,"id":"b","function":{"name":"g","arguments":"{\"x\""}}"#),
            call(#"{"index":0,"function":{"arguments":"{}"}}"#), call(#"{"index":1,"function":{"arguments":":1}"}}"#),
            delta("{}", finish: "\"tool_calls\""),
        ])
        let byID = format().summary(of: [
            call(#"{"id":"a","function":{"name":"f","arguments":"{}"}}"#),
            call(#"{"id":"b","function":{"name":"g","arguments":"{\"x\""}}"#),
            call(#"{"id":"b","function":{"arguments":":1}"}}"#), delta("{}", finish: "\"tool_calls\""),
        ])
        let byPlace = format().summary(of: [
            call(#"{"id":"a","function":{"name":"f","arguments":{}}}"#),
            call(#"{"id":"b","function":{"name":"g"}}"#), call(#"{"function":{"arguments":"{\"x\""}}"#),
            call(#"{"function":{"arguments":":1}"}}"#), delta("{}", finish: "\"tool_calls\""),
        ])
        let expected = [
            ToolCall(id: "a", name: "f", arguments: "{}"), ToolCall(id: "b", name: "g", arguments: "{\"x\":1}"),
        ]
        for summary in [byIndex, byID, byPlace] {
            #expect(summary.tools == expected)
            #expect(summary.violations == [])
            #expect(summary.finish == .toolCalls)
        }
    }

    @Test("Whole calls that share the index 0 stay apart, calls without id get one")
    func oddToolCalls() {
        let shared = format().summary(of: [
            call(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#),
            call(#"{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}"#), delta("{}", finish: "\"stop\""),
        ])
        #expect(shared.tools.map(\.id) == ["a", "b"])
        #expect(shared.finish == .toolCalls)
        let unnamed = format().summary(of: [
            call(#"{"index":0,"function":{"name":"f"}}"#), call(#"{"index":1,"function":{"name":"g"}}"#),
            delta("{}", finish: "\"tool_calls\""),
        ])
        #expect(Set(unnamed.tools.map(\.id)).count == 2)
        #expect(unnamed.tools.map(\.arguments) == ["{}", "{}"])
    }

    @Test("A call cut off by the limit is marked as failed")
    func truncatedCall() {
        let summary = format().summary(of: [
            call(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":\"ab"}}"#),
            delta("{}", finish: "\"length\""),
        ])
        #expect(summary.cutTools == ["a"])
        #expect(summary.finish == .length)
    }

    @Test("An old function call is a tool call")
    func functionCall() {
        let summary = format().summary(of: [
            delta(#"{"function_call":{"name":"f","arguments":"{\"a\""}}"#),
            delta(#"{"function_call":{"arguments":":1}"}}"#), delta("{}", finish: "\"function_call\""),
        ])
        #expect(summary.tools.map(\.arguments) == ["{\"a\":1}"])
    }

    @Test("A refusal is shown and named")
    func refusal() {
        let summary = format().summary(of: [
            delta(#"{"refusal":"I can"}"#), delta(#"{"refusal":"not."}"#), delta("{}", finish: "\"stop\""),
        ])
        #expect(summary.text == "I cannot.")
        #expect(summary.finish == .refusal)
    }

    @Test("Citations and pictures are found where servers put them")
    func extras() {
        let summary = format().summary(of: [
            delta(
                #"{"annotations":[{"type":"url_citation","url_citation":{"url":"https://a.b","title":"A","start_index":1,"end_index":3}}]}"#
            ),
            delta(#"{"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}"#),
            #"{"citations":["https://c.d"],"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        ])
        #expect(
            summary.citations == [
                Citation(url: "https://a.b", title: "A", start: 1, end: 3),
                Citation(url: "https://c.d", title: "https://c.d"),
            ])
        #expect(summary.images == ["image/png"])
    }

    @Test("Sources that come with every chunk are told once")
    func repeatedCitations() {
        func chunk(_ addresses: String, _ delta: String) -> String {
            #"{"citations":[\#(addresses)],"choices":[{"delta":\#(delta),"finish_reason":"stop"}]}"#
        }
        let summary = format().summary(of: [
            chunk(#""https://a.b""#, #"{"content":"x"}"#), chunk(#""https://a.b""#, #"{"content":"y"}"#),
            chunk(#""https://a.b","https://c.d""#, "{}"),
        ])
        #expect(summary.citations.map(\.url) == ["https://a.b", "https://c.d"])
    }

    @Test("Counts are found in all their places and the last ones hold")
    func usage() {
        let stop = delta("{}", finish: "\"stop\"")
        let groq = format().summary(of: [#"{"x_groq":{"usage":{"prompt_tokens":1,"completion_tokens":2}}}"#, stop])
        #expect(groq.usage == TokenUsage(inputTokens: 1, outputTokens: 2))
        let counts = #"{"prompt_tokens":10,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":7}}"#
        #expect(format().summary(of: [#"{"usage":\#(counts)}"#, stop]).usage?.outputTokens == 2)
        #expect(format(.xAI).summary(of: [#"{"usage":\#(counts)}"#, stop]).usage?.outputTokens == 9)
        let deepSeek = #"{"usage":{"prompt_tokens":9,"prompt_cache_hit_tokens":4}}"#
        #expect(format().summary(of: [deepSeek, stop]).usage?.cachedInputTokens == 4)
        let odd = #"{"usage":{"prompt_tokens":-5,"completion_tokens":1e300}}"#
        #expect(format().summary(of: [odd, stop]).usage == TokenUsage())
    }

    @Test("A completion that came whole reads like a stream")
    func wholeCompletion() {
        let summary = format().summary(of: [
            #"{"object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"All","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#
        ])
        #expect(summary.text == "All")
        #expect(summary.tools.count == 1)
        #expect(summary.finish == .toolCalls)
    }

    @Test("The model is named again when it changes, not when it repeats")
    func models() {
        let summary = format().summary(of: [
            #"{"model":"","choices":[]}"#, #"{"model":"real","choices":[]}"#, delta("{}", finish: "\"stop\""),
        ])
        #expect(summary.models == ["real", "m"])
    }

    @Test("Reasoning that must go back is kept with calls, pieces joined")
    func replayedReasoning() throws {
        let summary = format(.openRouter).summary(of: [
            delta(#"{"reasoning_details":[{"type":"reasoning.text","text":"a","index":0,"format":"x"}]}"#),
            delta(#"{"reasoning_details":[{"type":"reasoning.text","text":"b","index":0,"signature":"s"}]}"#),
            delta(#"{"reasoning_details":[{"type":"reasoning.encrypted","data":"zz","index":1}]}"#),
            call(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#),
            delta("{}", finish: "\"tool_calls\""),
        ])
        let state = try #require(summary.state)
        #expect(state.provider == "acme")
        let details: JSONValue = [
            ["type": "reasoning.text", "text": "ab", "index": 0, "format": "x", "signature": "s"],
            ["type": "reasoning.encrypted", "data": "zz", "index": 1],
        ]
        #expect(try JSONValue(parsing: state.json) == ["reasoning_details": details])
        let message = PromptMessage(
            role: .assistant, parts: [.toolCall(ToolCall(id: "a", name: "f", arguments: "{}"))], providerState: state)
        let body = try format(.openRouter).json(for: Prompt(model: "m", messages: [.user("q"), message]))
        #expect(body["messages"]?[1]?["reasoning_details"] == details)
        var foreign = message
        foreign.providerState?.provider = "other"
        let other = try format(.openRouter).json(for: Prompt(model: "m", messages: [.user("q"), foreign]))
        #expect(other["messages"]?[1]?["reasoning_details"] == nil)
    }
}

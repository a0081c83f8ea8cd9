import TestSupport
import Testing

@testable import SimpleStreamKit

@Suite("Responses, replies")
struct ResponsesDecoderTests {
    private func format(_ quirks: ResponsesQuirks = .openAI) -> ResponsesFormat {
        ResponsesFormat(provider: "acme", quirks: quirks, failures: FailureDecoder(providerName: "Acme"))
    }

    private func added(_ index: Int, _ item: String) -> String {
        #"{"type":"response.output_item.added","output_index":\#(index),"item":\#(item)}"#
    }

    private func done(_ index: Int, _ item: String) -> String {
        #"{"type":"response.output_item.done","output_index":\#(index),"item":\#(item)}"#
    }

    private func delta(_ type: String, _ index: Int, _ delta: String) -> String {
        #"{"type":"response.\#(type).delta","output_index":\#(index),"delta":"\#(delta)"}"#
    }

    private static let completed = #"{"type":"response.completed","response":{"status":"completed","model":"m-1"}}"#
    private static let message = #"{"id":"msg","type":"message","content":[]}"#

    @Test("Text, usage and end come in order")
    func plain() throws {
        let events = try format().events(of: [
            #"{"type":"response.created","response":{"model":"m","status":"in_progress"}}"#, added(0, Self.message),
            delta("output_text", 0, "Hé"), delta("output_text", 0, "llo"),
            done(
                0, #"{"id":"msg","type":"message","content":[{"type":"output_text","text":"Héllo","annotations":[]}]}"#),
            #"{"type":"response.completed","response":{"model":"m","status":"completed","usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":3}}}}"#,
        ])
        let usage = TokenUsage(
            inputTokens: 9, cachedInputTokens: 4, cacheWriteTokens: 2, outputTokens: 5, reasoningTokens: 3)
        #expect(events == [.model("m"), .text("Hé"), .text("llo"), .usage(usage), .finished(.stop)])
    }

    @Test("A stream without its end is a protocol error, and its text stays")
    func cutOff() {
        let summary = format().summary(of: [added(0, Self.message), delta("output_text", 0, "half"), "[DONE]"])
        #expect(summary.text == "half")
        #expect(summary.errorCode == .providerProtocol)
    }

    @Test("Parts of a summary, and items of thinking, are set apart by a blank line")
    func summaries() {
        let part = #"{"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":1}"#
        let reasoning = #"{"id":"rs","type":"reasoning"}"#
        let summary = format().summary(of: [
            added(0, reasoning), part, delta("reasoning_summary_text", 0, "a"),
            delta("reasoning_summary_text", 0, "b"), part, delta("reasoning_summary_text", 0, "c"),
            added(1, #"{"id":"r2","type":"reasoning"}"#), delta("reasoning_text", 1, "d"), Self.completed,
        ])
        #expect(summary.thinking == "ab\n\nc\n\nd")
    }

    @Test("A call's whole arguments hold over its pieces")
    func functionCall() {
        let summary = format().summary(of: [
            added(0, #"{"id":"fc","type":"function_call","call_id":"c1","name":"f","arguments":""}"#),
            delta("function_call_arguments", 0, "{\\\"a"), delta("function_call_arguments", 0, "\\\":1"),
            done(
                0,
                #"{"id":"fc2","type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}","status":"completed"}"#
            ),
            added(1, #"{"id":"fd","type":"function_call","call_id":"c2","name":"g","arguments":""}"#), Self.completed,
        ])
        #expect(
            summary.tools == [
                ToolCall(id: "c1", name: "f", arguments: "{\"a\":1}"), ToolCall(id: "c2", name: "g", arguments: "{}"),
            ])
        #expect(summary.violations == [])
        #expect(summary.finish == .toolCalls)
    }

    @Test("A call that the limit cut off is marked as failed")
    func truncatedCall() {
        let summary = format().summary(of: [
            added(0, #"{"id":"fc","type":"function_call","call_id":"c1","name":"f","arguments":""}"#),
            delta("function_call_arguments", 0, "{\\\"a"),
            #"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}"#,
        ])
        #expect(summary.cutTools == ["c1"])
        #expect(summary.finish == .length)
    }

    @Test("Calls the provider runs itself are told apart from ours")
    func serverTools() {
        let payloads = [
            added(0, #"{"id":"ws","type":"web_search_call","status":"in_progress"}"#),
            done(
                0, #"{"id":"ws","type":"web_search_call","status":"completed","action":{"type":"search","query":"q"}}"#),
            added(1, #"{"id":"ct","type":"custom_tool_call","call_id":"xs_call_1","name":"x_search","input":""}"#),
            done(1, #"{"id":"ct","type":"custom_tool_call","call_id":"xs_call_1","name":"x_search","input":"{}"}"#),
            added(2, #"{"id":"sh","type":"shell_call","status":"in_progress"}"#),
            done(2, #"{"id":"sh","type":"shell_call","status":"failed"}"#),
            added(3, #"{"id":"x","type":"something_new"}"#), Self.completed,
        ]
        let summary = format(.xAI).summary(of: payloads)
        #expect(summary.tools == [])
        #expect(summary.finish == .stop)
        #expect(summary.serverTools.map(\.name) == ["web_search", "x_search", "shell"])
        #expect(summary.serverTools.map(\.phase) == [.finished, .finished, .failed])
        #expect(summary.serverTools.first?.input == #"{"type":"search","query":"q"}"#)
        #expect(format().summary(of: payloads).finish == .toolCalls)
    }

    @Test("A refusal is shown and named, unless there was an answer besides")
    func refusal() {
        let refusal = [added(0, Self.message), delta("refusal", 0, "No."), Self.completed]
        #expect(format().summary(of: refusal).text == "No.")
        #expect(format().summary(of: refusal).finish == .refusal)
        let mixed = [
            added(0, Self.message), delta("output_text", 0, "Yes. "), delta("refusal", 0, "No."), Self.completed,
        ]
        #expect(format().summary(of: mixed).finish == .stop)
    }

    @Test(
        "Failures are read wherever they stand",
        arguments: [
            (#"{"type":"error","code":"rate_limit_exceeded","message":"x"}"#, ChatError.Code.providerRateLimited),
            (
                #"{"type":"error","error":{"type":"tokens","code":"insufficient_quota","message":"x"}}"#,
                .providerQuotaExhausted
            ),
            (#"{"type":"error","code":"server_shutting_down","message":"x","param":null}"#, .providerOverloaded),
            (
                #"{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"x"}}}"#,
                .providerUnavailable
            ),
            (
                #"{"type":"response.failed","response":{"error":{"code":"context_length_exceeded","message":"x"}}}"#,
                .contextLengthExceeded
            ),
            (
                #"{"type":"response.failed","response":{"error":{"code":"invalid_image","message":"x"}}}"#,
                .providerInvalidRequest
            ),
            (
                #"{"type":"response.failed","response":{"error":{"code":"image_content_policy_violation"}}}"#,
                .contentFiltered
            ),
            (
                #"{"type":"response.failed","code":"server_shutting_down","response":{"status":"failed","error":null}}"#,
                .providerOverloaded
            ),
            (#"{"error":{"message":"x","code":"content_filter"}}"#, .contentFiltered), ("oops", .providerProtocol),
            (#"{"type":"response.output_text.delta","delta":"x"#, .providerProtocol),
        ])
    func failures(payload: String, code: ChatError.Code) {
        let summary = format().summary(of: [added(0, Self.message), delta("output_text", 0, "before"), payload])
        #expect(summary.errorCode == code)
        #expect(summary.text == "before")
    }

    @Test("Citations come as events, or with the whole item, never twice")
    func citations() {
        let annotation = #"{"type":"url_citation","url":"https://a.b","title":"A","start_index":0,"end_index":2}"#
        let whole = done(
            0,
            #"{"id":"msg","type":"message","content":[{"type":"output_text","text":"x","annotations":[\#(annotation)]}]}"#
        )
        let event = #"{"type":"response.output_text.annotation.added","output_index":0,"annotation":\#(annotation)}"#
        let once = [added(0, Self.message), delta("output_text", 0, "x"), event, whole, Self.completed]
        #expect(format().summary(of: once).citations == [Citation(url: "https://a.b", title: "A", start: 0, end: 2)])
        let late = [added(0, Self.message), delta("output_text", 0, "x"), whole, Self.completed]
        #expect(format().summary(of: late).citations.count == 1)
    }

    @Test("A picture comes as bytes with its real type")
    func pictures() {
        let image = done(
            0, #"{"id":"ig","type":"image_generation_call","status":"completed","result":"iVBORw0KGgoAAAA="}"#)
        let other = done(
            1, #"{"id":"ih","type":"image_generation_call","status":"completed","result":"bm90IGEgcGljdHVyZQ=="}"#)
        let summary = format().summary(of: [image, other, Self.completed])
        #expect(summary.images == ["image/png"])
        #expect(summary.serverTools.count == 2)
    }

    @Test("A response that came whole reads like a stream")
    func wholeResponse() {
        let summary = format().summary(of: [
            #"{"object":"response","status":"completed","model":"m","error":null,"output":[{"id":"rs","type":"reasoning","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}]},{"id":"msg","type":"message","content":[{"type":"output_text","text":"All"}]}],"usage":{"input_tokens":1,"output_tokens":2}}"#
        ])
        #expect(summary.text == "All")
        #expect(summary.thinking == "a\n\nb")
        #expect(summary.usage == TokenUsage(inputTokens: 1, outputTokens: 2))
        #expect(summary.finish == .stop)
    }

    private func completed(_ output: String, status: String = "completed") -> String {
        #"{"type":"response.\#(status)","response":{"status":"\#(status)","output":[\#(output)]}}"#
    }

    @Test("What only the output at the end has is taken from it, and nothing twice")
    func finalOutput() {
        let text = #"{"type":"message","content":[{"type":"output_text","text":"All","annotations":[]}]}"#
        let call = #"{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}","status":"completed"}"#
        let thought = #"{"id":"rs","type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}]}"#
        // No items were announced.
        let bare = format().summary(of: [delta("output_text", 0, "All"), completed(text)])
        #expect(bare.text == "All" && bare.finish == .stop)
        // The text, or the call, never came.
        let late = [added(0, thought), delta("reasoning_summary_text", 0, "Hm"), done(0, thought)]
        let answered = format().summary(of: late + [completed("\(thought),\(text)")])
        #expect(answered.text == "All" && answered.thinking == "Hm")
        let asked = format().summary(of: late + [completed("\(thought),\(call)")])
        #expect(asked.tools == [ToolCall(id: "c1", name: "f", arguments: #"{"a":1}"#)])
        #expect(asked.finish == .toolCalls && asked.violations == [])
        // Numbered otherwise than in the stream.
        #expect(format().summary(of: late + [completed(text)]).text == "All")
        // Announced, and not ended.
        #expect(format().summary(of: [added(0, Self.message), completed(text)]).text == "All")
        // Two messages at once are both taken.
        #expect(format().summary(of: [completed("\(text),\(text)")]).text == "AllAll")
        // All of it came before.
        let usual = [added(0, Self.message), delta("output_text", 0, "All"), done(0, text), completed(text)]
        #expect(format().summary(of: usual).text == "All")
        let cut = #"{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a"}"#
        let incomplete = format().summary(of: [completed(cut, status: "incomplete")])
        #expect(incomplete.tools.isEmpty && incomplete.violations == [])
    }

    @Test("Reasoning that led to a search, or to nothing, does not go back")
    func reasoningWithoutItsNext() throws {
        func reasoning(_ id: String) -> String {
            #"{"id":"\#(id)","type":"reasoning","summary":[],"encrypted_content":"zz"}"#
        }
        let search = #"{"id":"ws","type":"web_search_call","status":"completed"}"#
        let summary = format().summary(of: [
            done(0, reasoning("r0")), done(1, search), done(2, reasoning("r2")), added(3, Self.message),
            delta("output_text", 3, "Yes"), done(3, Self.message), done(4, reasoning("r4")),
            completed("", status: "incomplete"),
        ])
        let message = PromptMessage(role: .assistant, parts: [.text("Yes")], providerState: summary.state)
        let body = try format().json(for: Prompt(model: "m", messages: [.user("q"), message, .user("r")]))
        let items = try #require(body["input"]?.array)
        #expect(items.compactMap { $0["id"]?.string } == ["r2"])
        #expect(items.map { $0["type"]?.string ?? "" } == ["", "reasoning", "message", ""])
    }

    @Test("Reasoning and phases go back in their order")
    func replay() throws {
        let reasoning = #"{"id":"rs","type":"reasoning","summary":[],"encrypted_content":"zz"}"#
        let summary = format().summary(of: [
            added(0, reasoning), done(0, reasoning), added(1, Self.message), delta("output_text", 1, "Lä"),
            done(1, #"{"id":"msg","type":"message","phase":"commentary","content":[]}"#),
            added(2, #"{"id":"fc","type":"function_call","call_id":"c1","name":"f"}"#),
            done(2, #"{"id":"fc","type":"function_call","call_id":"c1","name":"f","arguments":"{}"}"#), Self.completed,
        ])
        let state = try #require(summary.state)
        let call = ToolCall(id: "c1", name: "f", arguments: "{}")
        var message = PromptMessage(role: .assistant, parts: [.text("Lä"), .toolCall(call)], providerState: state)
        let result = PromptMessage(
            role: .user, parts: [.toolResult(id: "c1", name: "f", output: "7", isError: false)])
        let body = try format().json(for: Prompt(model: "m", messages: [.user("q"), message, result]))
        let types = body["input"]?.array?.map { $0["type"]?.string ?? "" }
        #expect(types == ["", "reasoning", "message", "function_call", "function_call_output"])
        #expect(body["input"]?[1]?["encrypted_content"] == "zz")
        #expect(body["input"]?[2]?["phase"] == "commentary")

        message.parts[0] = .text("Edited")
        let edited = try format().json(for: Prompt(model: "m", messages: [.user("q"), message, result]))
        #expect(
            edited["input"]?.array?.compactMap { $0["type"]?.string } == [
                "message", "function_call", "function_call_output",
            ])
    }

    @Test("A plain answer keeps no state")
    func noState() {
        #expect(
            format().summary(of: [added(0, Self.message), delta("output_text", 0, "x"), Self.completed]).state == nil)
    }
}

import SimpleStreamKit
import TestSupport
import Testing

@Suite struct AnthropicDecoderTests {
    private func events(_ lines: [String]) throws -> (events: [ReplyEvent], error: ChatError?) {
        var decoder = AnthropicFormat().makeDecoder()
        var events: [ReplyEvent] = []
        do throws(ChatError) {
            for line in lines { try decoder.decode(ServerSentEvent(data: Array(line.utf8)), into: &events) }
            try decoder.end(into: &events)
        } catch {
            return (events, error)
        }
        return (events, nil)
    }

    private let start =
        #"{"type":"message_start","message":{"model":"claude-x","usage":{"input_tokens":5,"output_tokens":1}}}"#
    private let end = [
        #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}"#,
        #"{"type":"message_stop"}"#,
    ]
    private func block(_ index: Int, _ start: String, _ deltas: [String]) -> [String] {
        [#"{"type":"content_block_start","index":\#(index),"content_block":\#(start)}"#]
            + deltas.map { #"{"type":"content_block_delta","index":\#(index),"delta":\#($0)}"# }
            + [#"{"type":"content_block_stop","index":\#(index)}"#]
    }

    @Test func aPlainReply() throws {
        let (events, error) = try events(
            [start] + [#"{"type":"ping"}"#]
                + block(0, #"{"type":"text","text":""}"#, [#"{"type":"text_delta","text":"Hi"}"#]) + end)
        #expect(error == nil)
        #expect(
            events == [
                .model("claude-x"), .usage(TokenUsage(inputTokens: 5)), .activity, .text("Hi"),
                .usage(TokenUsage(inputTokens: 5, outputTokens: 7)), .finished(.stop),
            ])
    }

    @Test func cachedTokensAreAddedToTheInput() throws {
        let (events, _) = try events([
            #"{"type":"message_start","message":{"usage":{"input_tokens":3,"cache_read_input_tokens":40,"#
                + #""cache_creation_input_tokens":500,"output_tokens":1}}}"#
        ])
        #expect(
            events == [
                // What is counted as written before anything was is no measure of a stopped answer.
                .usage(TokenUsage(inputTokens: 543, cachedInputTokens: 40, cacheWriteTokens: 500))
            ])
    }

    @Test func thinkingIsKeptForTheNextTurn() throws {
        let lines =
            [start]
            + block(
                0, #"{"type":"thinking","thinking":""}"#,
                [
                    #"{"type":"thinking_delta","thinking":"So."}"#, #"{"type":"signature_delta","signature":"si"}"#,
                    #"{"type":"signature_delta","signature":"g"}"#,
                ])
            + block(1, #"{"type":"redacted_thinking","data":"dark"}"#, [])
            + block(2, #"{"type":"text","text":""}"#, [#"{"type":"text_delta","text":"Aha."}"#])
            + block(
                3, #"{"type":"tool_use","id":"t1","name":"f","input":{}}"#,
                [
                    #"{"type":"input_json_delta","partial_json":"{\"a\":"}"#,
                    #"{"type":"input_json_delta","partial_json":"1}"}"#,
                ])
            + [#"{"type":"message_delta","delta":{"stop_reason":"tool_use"}}"#, #"{"type":"message_stop"}"#]
        let summary = ReplySummary(try events(lines).events)
        #expect(summary.thinking == "So.")
        #expect(summary.tools == [ToolCall(id: "t1", name: "f", arguments: #"{"a":1}"#)])
        #expect(summary.finish == .toolCalls)
        let state = try #require(summary.state)
        #expect(state.provider == "anthropic")

        let call = PromptMessage(
            role: .assistant, parts: [.text("Aha."), .toolCall(ToolCall(id: "t1", name: "f", arguments: #"{"a":1}"#))],
            providerState: state)
        let result = PromptMessage(
            role: .user, parts: [.toolResult(id: "t1", name: "f", output: "2", isError: false)])
        let prompt = Prompt(model: "claude-sonnet-4-6", messages: [.user("Q"), call, result])
        let body = try JSONValue(parsing: try AnthropicFormat().request(for: prompt).body)
        #expect(
            body["messages"]?[1] == [
                "role": "assistant",
                "content": [
                    ["type": "thinking", "thinking": "So.", "signature": "sig"],
                    ["type": "redacted_thinking", "data": "dark"], ["type": "text", "text": "Aha."],
                    ["type": "tool_use", "id": "t1", "name": "f", "input": ["a": 1]],
                ],
            ])
        #expect(
            body["messages"]?[2]?["content"] == [["type": "tool_result", "tool_use_id": "t1", "content": "2"]])
    }

    @Test func serverToolsReportTheirResult() throws {
        let lines =
            [start]
            + block(
                0, #"{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}"#,
                [#"{"type":"input_json_delta","partial_json":"{\"query\":\"sky\"}"}"#])
            + block(
                1,
                #"{"type":"web_search_tool_result","tool_use_id":"s1","content":[{"type":"web_search_result","#
                    + #""url":"https://a.example","title":"A","encrypted_content":"x"}]}"#, [])
            + block(
                2, #"{"type":"text","text":"","citations":[]}"#,
                [
                    #"{"type":"text_delta","text":"Grün "}"#
                ])
            + block(
                3, #"{"type":"text","text":""}"#,
                [
                    #"{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://a.example","title":"A"}}"#,
                    #"{"type":"text_delta","text":"ist 🙂"}"#,
                ]) + end
        let summary = ReplySummary(try events(lines).events)
        #expect(summary.violations == [])
        #expect(summary.tools == [])
        let tool = try #require(summary.serverTools.first)
        #expect(tool.id == "s1" && tool.phase == .finished && tool.isServerSide)
        #expect(tool.input == #"{"query":"sky"}"#)
        #expect(tool.output == #"[{"url":"https://a.example","title":"A"}]"#)
        #expect(summary.citations == [Citation(url: "https://a.example", title: "A", start: 5, end: 10)])
        #expect(summary.state == nil)
    }

    @Test func aFailedServerToolSaysSo() throws {
        let lines =
            [start] + block(0, #"{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}"#, [])
            + block(
                1,
                #"{"type":"web_search_tool_result","tool_use_id":"s1","content":{"type":"web_search_tool_result_error","#
                    + #""error_code":"max_uses_exceeded"}}"#, []) + end
        let tool = try #require(ReplySummary(try events(lines).events).serverTools.first)
        #expect(tool.phase == .failed && tool.output?.contains("max_uses_exceeded") == true)
    }

    @Test func aPausedTurnComesBackWhole() throws {
        let lines =
            [start] + block(0, #"{"type":"text","text":"One."}"#, [])
            + block(1, #"{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"q"}}"#, [])
            + [#"{"type":"message_delta","delta":{"stop_reason":"pause_turn"}}"#, #"{"type":"message_stop"}"#]
        let summary = ReplySummary(try events(lines).events)
        #expect(summary.finish == .paused)
        let state = try #require(summary.state)
        let turn = PromptMessage(role: .assistant, parts: [.text("One.")], providerState: state)
        let body = try JSONValue(
            parsing: try AnthropicFormat().request(for: Prompt(model: "m", messages: [.user("Q"), turn])).body)
        #expect(
            body["messages"]?[1]?["content"] == [
                ["type": "text", "text": "One."],
                ["type": "server_tool_use", "id": "s1", "name": "web_search", "input": ["query": "q"]],
            ])
    }

    @Test func cutArgumentsAreAFailedCall() throws {
        let lines =
            [start]
            + block(
                0, #"{"type":"tool_use","id":"t1","name":"f","input":{}}"#,
                [#"{"type":"input_json_delta","partial_json":"{\"a\":\"hal"}"#])
            + [#"{"type":"message_delta","delta":{"stop_reason":"max_tokens"}}"#, #"{"type":"message_stop"}"#]
        let summary = ReplySummary(try events(lines).events)
        #expect(summary.cutTools == ["t1"])
        #expect(summary.finish == .length)
    }

    @Test func aSecondMessageStartVoidsTheFirst() throws {
        let open = [
            #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}}"#
        ]
        let lines =
            [start] + open + [start] + block(0, #"{"type":"text","text":""}"#, [#"{"type":"text_delta","text":"Hi"}"#])
            + end
        let summary = ReplySummary(try events(lines).events)
        #expect(summary.cutTools == ["t1"])
        #expect(summary.text == "Hi" && summary.finish == .stop)
        #expect(summary.models == ["claude-x"])
    }

    @Test(arguments: [
        ("stop_sequence", FinishReason.stop), ("model_context_window_exceeded", .length), ("refusal", .refusal),
        ("pause_turn", .paused), ("something_new", .other),
    ])
    func stopReasonsAreTranslated(word: String, reason: FinishReason) throws {
        let (events, _) = try events([
            start, #"{"type":"message_delta","delta":{"stop_reason":"\#(word)"}}"#, #"{"type":"message_stop"}"#,
        ])
        #expect(events.last == .finished(reason))
    }

    @Test(arguments: [
        ("overloaded_error", ChatError.Code.providerOverloaded, true), ("rate_limit_error", .providerRateLimited, true),
        ("api_error", .providerUnavailable, true), ("billing_error", .providerQuotaExhausted, false),
        ("invalid_request_error", .providerInvalidRequest, false), ("authentication_error", .providerAuth, false),
        ("permission_error", .providerPermission, false), ("not_found_error", .providerModelNotFound, false),
    ])
    func errorEventsAreTranslated(type: String, code: ChatError.Code, isRetryable: Bool) throws {
        let (_, error) = try events([start, #"{"type":"error","error":{"type":"\#(type)","message":"m"}}"#])
        #expect(error?.code == code)
        #expect(error?.isRetryable == isRetryable)
    }

    @Test(arguments: [
        (
            400, "invalid_request_error", "You have reached your specified API usage limits. You will regain access",
            "{}", ChatError.Code.providerQuotaExhausted
        ),
        (
            400, "invalid_request_error", "m", #"{"error_code":"workspace_spend_limit_reached"}"#,
            .providerQuotaExhausted
        ),
        (429, "rate_limit_error", "m", #"{"error_code":"organization_spend_limit_reached"}"#, .providerQuotaExhausted),
        (403, "permission_error", "m", #"{"error_code":"organization_on_hold"}"#, .providerAuth),
        (400, "invalid_request_error", "Output blocked by content filtering policy", "null", .contentFiltered),
        (400, "invalid_request_error", "m", #"["odd",{"reason":7}]"#, .providerInvalidRequest),
    ])
    func wordsAndDetailsSayMoreThanTheType(
        status: Int, type: String, message: String, details: String, code: ChatError.Code
    ) {
        let body = #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)","details":\#(details)}}"#
        let error = AnthropicFormat().failure(WireFailure(status: status, body: Array(body.utf8)))
        #expect(error.code == code)
        #expect(!error.isRetryable)
    }

    @Test(arguments: [[], [#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#]])
    func aStreamWithoutItsEndIsAnError(more: [String]) throws {
        let (_, error) = try events([start] + more)
        #expect(error?.code == .providerProtocol)
    }

    @Test func strangersAreSkippedAndNothingFollowsTheEnd() throws {
        let (events, error) = try events(
            [start, "[DONE]", #"{"type":"brand_new","x":[1]}"#]
                + block(0, #"{"type":"hologram"}"#, [#"{"type":"hologram_delta","y":1}"#])
                + [#"{"type":"content_block_delta","index":9,"delta":{"type":"text_delta","text":"lost"}}"#] + end
                + [#"{"type":"message_stop"}"#, "[DONE]", "rubbish"])
        #expect(error == nil)
        #expect(ReplySummary(events).violations == [])
        #expect(ReplySummary(events).text == "")
    }

    @Test(arguments: ["rubbish", "[1]", "{}", "{\"a\":1}", "\"text\""])
    func whatIsNoEventIsAnError(data: String) throws {
        #expect(try events([start, data]).error?.code == .providerProtocol)
    }
}

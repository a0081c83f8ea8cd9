import SimpleStreamKit
import TestSupport
import Testing

/// Replies no honest provider sends: they end in a result or an error, and in neither crash nor hang.
@Suite struct HostileReplyTests {
    private static let deep = String(repeating: "[", count: 200_000)
    private static let deepObject = String(repeating: #"{"a":"#, count: 100_000)
    private static let values = [
        "1e999", "-1e999", "99999999999999999999999999", "-9223372036854775809", "1e-999", "\"\\ud800\"", "\"\\u0000\"",
        "null",
        "[]", "{}", "true", "\"" + String(repeating: "é", count: 50_000) + "\"", deep, deepObject, "[[[[]]", "{\"a\":",
    ]

    private static let anthropic = [
        #"{"type":"message_start","message":{"model":@,"usage":{"input_tokens":@,"output_tokens":@}}}"#,
        #"{"type":"message_start","message":@}"#,
        #"{"type":"content_block_start","index":@,"content_block":{"type":"tool_use","id":@,"name":@,"input":@}}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"n","input":@}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":@}}"#,
        #"{"type":"content_block_delta","index":@,"delta":{"type":"text_delta","text":@}}"#,
        #"{"type":"content_block_start","index":1,"content_block":{"type":"web_search_tool_result","tool_use_id":"s","content":@}}"#,
        #"{"type":"content_block_start","index":2,"content_block":{"type":"text","text":@,"citations":@}}"#,
        #"{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":@}}"#,
        #"{"type":"content_block_stop","index":@}"#, #"{"type":"message_delta","delta":@,"usage":@}"#,
        #"{"type":"error","error":@}"#, "@",
    ]

    private static let gemini = [
        #"{"candidates":@}"#, #"{"candidates":[@]}"#, #"{"candidates":[{"content":{"parts":@}}]}"#,
        #"{"candidates":[{"content":{"parts":[{"text":@,"thoughtSignature":@}]},"finishReason":@}]}"#,
        #"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":@,"willContinue":@}}]}}]}"#,
        #"{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":@,"numberValue":@}]}}]}}]}"#,
        #"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":@,"data":@}}]}}]}"#,
        #"{"candidates":[{"groundingMetadata":{"groundingChunks":[{"web":{"uri":"u"}}],"groundingSupports":[{"segment":{"startIndex":@,"endIndex":@},"groundingChunkIndices":[@]}]}}]}"#,
        #"{"usageMetadata":{"promptTokenCount":@,"candidatesTokenCount":@,"thoughtsTokenCount":@}}"#,
        #"{"promptFeedback":{"blockReason":@},"error":@}"#, "@", "[@",
    ]

    @Test(arguments: values.indices)
    func anthropic(index: Int) {
        let value = Self.values[index]
        for shape in Self.anthropic {
            let items = (Self.anthropic.prefix(5) + [shape, #"{"type":"message_stop"}"#]).map { text in
                EventStreamParser.Item.event(
                    ServerSentEvent(data: Array(text.replacing("@", with: text == shape ? value : "1").utf8)))
            }
            var decoder = AnthropicFormat().makeDecoder()
            // Ids that repeat are the attacker's; the rest must hold.
            let broken = decoder.summary(of: items).violations.filter { !$0.contains("started") }
            #expect(broken == [])
        }
    }

    @Test(arguments: values.indices)
    func gemini(index: Int) {
        let value = Self.values[index]
        for shape in Self.gemini {
            let items = [shape, #"{"candidates":[{"finishReason":"STOP"}]}"#].map { text in
                EventStreamParser.Item.event(ServerSentEvent(data: Array(text.replacing("@", with: value).utf8)))
            }
            var decoder = GeminiFormat().makeDecoder()
            #expect(decoder.summary(of: items).violations == [])
        }
    }
}

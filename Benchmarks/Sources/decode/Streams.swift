/// Streams of many text deltas, as each kind of provider sends them.
enum Streams {
    static func stream(_ wire: String, deltas: Int) -> [UInt8]? {
        switch wire {
        case "openai-chat": chat(deltas)
        case "openai-responses": responses(deltas)
        case "anthropic-messages": messages(deltas)
        case "gemini-generate": generate(deltas)
        default: nil
        }
    }

    private static func chat(_ deltas: Int) -> [UInt8] {
        let head =
            #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":"#
        let delta = "data: " + head + #"{"content":" token"},"logprobs":null,"finish_reason":null}]}"# + "\n\n"
        let end = "data: " + head + #"{},"finish_reason":"stop"}]}"# + "\n\ndata: [DONE]\n\n"
        return repeated("", delta, deltas, end)
    }

    private static func responses(_ deltas: Int) -> [UInt8] {
        let delta =
            "event: response.output_text.delta\ndata: "
            + #"{"type":"response.output_text.delta","sequence_number":7,"item_id":"msg_0123456789","output_index":0,"content_index":0,"delta":" token","logprobs":[],"obfuscation":"abcdef"}"#
            + "\n\n"
        let end =
            "event: response.completed\ndata: "
            + #"{"type":"response.completed","sequence_number":9,"response":{"id":"resp_1","status":"completed","output":[],"usage":{"input_tokens":1,"output_tokens":2}}}"#
            + "\n\n"
        return repeated("", delta, deltas, end)
    }

    private static func messages(_ deltas: Int) -> [UInt8] {
        func event(_ name: String, _ json: String) -> String { "event: \(name)\ndata: \(json)\n\n" }
        let start =
            event(
                "message_start",
                #"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"#
            )
            + event(
                "content_block_start",
                #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#)
        let delta = event(
            "content_block_delta",
            #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" token"}}"#)
        let end =
            event("content_block_stop", #"{"type":"content_block_stop","index":0}"#)
            + event(
                "message_delta",
                #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#)
            + event("message_stop", #"{"type":"message_stop"}"#)
        return repeated(start, delta, deltas, end)
    }

    private static func generate(_ deltas: Int) -> [UInt8] {
        func event(_ candidate: String) -> String {
            #"data: {"candidates":[{\#(candidate)"index":0}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3},"modelVersion":"m","responseId":"r"}"#
                + "\r\n\r\n"
        }
        let delta = event(#""content":{"parts":[{"text":" token"}],"role":"model"},"#)
        let end = event(#""content":{"parts":[{"text":"."}],"role":"model"},"finishReason":"STOP","#)
        return repeated("", delta, deltas, end)
    }

    private static func repeated(_ start: String, _ delta: String, _ count: Int, _ end: String) -> [UInt8] {
        Array((start + String(repeating: delta, count: count) + end).utf8)
    }
}

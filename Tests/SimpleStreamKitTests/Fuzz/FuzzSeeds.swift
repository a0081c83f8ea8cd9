import SimpleStreamKit
import TestSupport

@testable import SimpleStreamKit

/// A reply to be broken, and who reads it.
struct FuzzSeed: Sendable, CustomStringConvertible {
    let description: String
    let provider: ProviderDescription
    let bytes: [UInt8]

    /// A short reply of every wire format with everything in it, and the recordings when they are there.
    static let all: [FuzzSeed] = made + recorded

    private static let made: [FuzzSeed] = [
        FuzzSeed(description: "made responses", provider: .openAI, bytes: Array(responses.utf8)),
        FuzzSeed(description: "made chat", provider: .vercel, bytes: Array(chat.utf8)),
        FuzzSeed(description: "made messages", provider: .anthropic, bytes: Array(messages.utf8)),
        FuzzSeed(description: "made gemini", provider: .gemini, bytes: Array(gemini.utf8)),
    ]

    private static let recorded: [FuzzSeed] =
        Fixtures.cases(in: ["anthropic", "compat", "gemini", "meta", "openai", "vercel", "xai"]).compactMap { fixture in
            let providers: [String: ProviderDescription] = [
                "responses": fixture.folder == "xai" ? .xAI : fixture.folder == "meta" ? .meta : .openAI,
                "chat": .vercel, "ollama-native": .local, "llama": .local, "anthropic": .anthropic, "gemini": .gemini,
                "gemini-array": .gemini,
            ]
            return providers[fixture.format].map { provider in
                FuzzSeed(description: fixture.path, provider: provider, bytes: fixture.bytes)
            }
        }

    private static let responses = """
        event: response.created
        data: {"type":"response.created","sequence_number":0,"response":{"id":"r","model":"gpt-6","status":"in_progress"}}

        data: {"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[]}}

        data: {"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"Hm, 🤔"}

        data: {"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs_1","encrypted_content":"gAAA","summary":[{"type":"summary_text","text":"Hm, 🤔"}]}}

        data: {"type":"response.output_item.added","output_index":1,"item":{"type":"message","id":"m","content":[]}}

        data: {"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"Grüße "}

        data: {"type":"response.output_text.annotation.added","output_index":1,"content_index":0,"annotation":{"type":"url_citation","url":"https://a.example","title":"A","start_index":0,"end_index":5}}

        data: {"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","call_id":"c1","name":"f","arguments":""}}

        data: {"type":"response.function_call_arguments.delta","output_index":2,"delta":"{\\"a\\":1}"}

        data: {"type":"response.output_item.done","output_index":2,"item":{"type":"function_call","call_id":"c1","name":"f","arguments":"{\\"a\\":1}","status":"completed"}}

        data: {"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":3},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":2}}}}


        """

    private static let chat = """
        : OPENROUTER PROCESSING

        data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","reasoning":"Hm","reasoning_details":[{"type":"reasoning.text","index":0,"text":"Hm"}]},"finish_reason":null}]}

        data: {"choices":[{"index":0,"delta":{"content":"Grüße 👋🏽"},"finish_reason":null}]}

        data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"{\\"a\\""}}]},"finish_reason":null}]}

        data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},"finish_reason":"tool_calls"}]}

        data: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"cost":0.1}}

        data: [DONE]


        """

    private static let messages = """
        event: message_start
        data: {"type":"message_start","message":{"model":"claude","usage":{"input_tokens":10,"cache_read_input_tokens":3,"output_tokens":1}}}

        data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

        data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}

        data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}}

        data: {"type":"content_block_stop","index":0}

        data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

        data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Grüße 👋🏽"}}

        data: {"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://a.example","title":"A"}}}

        data: {"type":"content_block_stop","index":1}

        data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}

        data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\":1}"}}

        data: {"type":"content_block_stop","index":2}

        data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":7}}

        data: {"type":"message_stop"}


        """

    private static let gemini = """
        data: {"candidates":[{"content":{"parts":[{"text":"Hm","thought":true}],"role":"model"}}],"modelVersion":"gemini"}\r
        \r
        data: {"candidates":[{"content":{"parts":[{"text":"Grüße 👋🏽","thoughtSignature":"c2ln"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":7,"thoughtsTokenCount":2}}\r
        \r
        data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":1}}},{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.example","title":"A"}}],"groundingSupports":[{"segment":{"startIndex":0,"endIndex":7},"groundingChunkIndices":[0]}]}}]}\r
        \r

        """
}

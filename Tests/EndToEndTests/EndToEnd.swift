import SimpleStreamKit
import TestSupport
import Testing

/// Tests that start real processes, one after the other: each brings a server and an upstream.
@Suite(.serialized) struct EndToEnd {}

extension EndToEnd {
    /// What a provider called `acme` sends for these pieces of text.
    static func reply(_ pieces: [String], gate: ScriptedUpstream.Gate? = nil) -> ScriptedUpstream.Reply {
        .sse(
            events: events(pieces) + [#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#, "[DONE]"],
            gate: gate)
    }

    /// The events of pieces of text, without an end.
    static func events(_ pieces: [String]) -> [String] {
        pieces.map { piece in
            let event: JSONValue = ["choices": [["index": 0, "delta": ["content": .string(piece)]]]]
            return event.text
        }
    }

    /// Settings that make `upstream` the provider `acme`.
    static func acme(_ upstream: ScriptedUpstream) -> [String: String] {
        let provider: JSONValue = [
            "name": "acme", "wire": "openai-chat", "baseURL": .string(upstream.url + "/v1"),
            "apiKey": "acme-secret-key",
            "models": ["m"],
        ]
        return ["SS_PROVIDERS": JSONValue.array([provider]).text, "SS_TITLES": "off"]
    }

    /// Runs a server whose provider `acme` is an upstream with these replies.
    static func withServer<R: Sendable>(
        _ replies: ScriptedUpstream.Reply...,
        environment: [String: String] = [:],
        _ body: (ServerProcess, ScriptedUpstream) async throws -> R
    ) async throws -> R {
        try await withScratchDirectory { directory in
            try await withScriptedUpstream(
                script: { _, index in replies.indices.contains(index) ? replies[index] : replies[replies.count - 1] }
            ) { upstream in
                try await ServerProcess.run(
                    in: directory, environment: acme(upstream).merging(environment) { $1 }
                ) { server in
                    try await body(server, upstream)
                }
            }
        }
    }
}

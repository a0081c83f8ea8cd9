import Foundation
import TestSupport

/// A user's home of its own, with nothing of this machine's settings.
struct CLIHome: Sendable {
    let directory: String
    var environment: [String: String]

    /// Starts ss-cli.
    func start(
        _ arguments: String..., input: String? = "", output: ChildProcess.Output = .pipe,
        set more: [String: String] = [:]
    ) throws -> ChildProcess {
        try ChildProcess(
            arguments, of: "ss-cli", environment: environment.merging(more) { _, new in new }, input: input,
            output: output)
    }

    /// Runs ss-cli to its end.
    func run(_ arguments: String..., input: String = "", set more: [String: String] = [:]) async throws
        -> ChildProcess.Result
    {
        try await ChildProcess(
            arguments, of: "ss-cli", environment: environment.merging(more) { _, new in new }, input: input
        ).result()
    }

    /// Writes a file and returns its path.
    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let path = "\(directory)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }
}

/// Runs `test` with an empty home that goes away afterwards.
///
/// - Parameter upstream: answers as the provider `local`; nil leaves a port where nobody listens.
func withCLIHome<R>(
    upstream: ScriptedUpstream? = nil, _ test: (CLIHome) async throws -> R
) async throws -> R {
    let directory = FileManager.default.temporaryDirectory.path + "/ss-cli-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let environment = [
        "HOME": directory, "PATH": "/usr/bin:/bin", "TERM": "xterm", "TZ": "UTC",
        // Nobody listens on port 1; nothing of this machine's is looked for.
        "LOCAL_BASE_URL": upstream.map { $0.url + "/v1" } ?? "http://127.0.0.1:1/v1",
    ]
    return try await test(CLIHome(directory: directory, environment: environment))
}

/// What a chat-completions server says.
enum ChatCompletions {
    /// The event that brings a piece of text.
    static func text(_ text: String) -> String { delta("content", text) }

    /// The event that brings a piece of thinking.
    static func thinking(_ text: String) -> String { delta("reasoning_content", text) }

    /// The events after the text.
    static func end(_ reason: String = "stop") -> [String] {
        [
            #"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"\#(reason)"}]}"#,
            #"{"id":"c","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}"#,
            "[DONE]",
        ]
    }

    /// A whole answer.
    static func reply(_ pieces: String..., reason: String = "stop", gate: ScriptedUpstream.Gate? = nil)
        -> ScriptedUpstream.Reply
    {
        .sse(events: pieces.map(text) + end(reason), gate: gate)
    }

    private static func delta(_ name: String, _ text: String) -> String {
        let escaped = String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
        return
            #"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"\#(name)":\#(escaped)}}]}"#
    }
}

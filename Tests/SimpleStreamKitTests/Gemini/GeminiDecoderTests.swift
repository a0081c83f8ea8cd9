import SimpleStreamKit
import TestSupport
import Testing

@Suite struct GeminiDecoderTests {
    private func reply(_ lines: [String]) -> (summary: ReplySummary, events: [ReplyEvent], error: ChatError?) {
        var decoder = GeminiFormat().makeDecoder()
        var events: [ReplyEvent] = []
        do throws(ChatError) {
            for line in lines { try decoder.decode(ServerSentEvent(data: Array(line.utf8)), into: &events) }
            try decoder.end(into: &events)
        } catch {
            return (ReplySummary(events), events, error)
        }
        return (ReplySummary(events), events, nil)
    }

    private func parts(_ parts: String, _ more: String = "") -> String {
        #"{"candidates":[{"content":{"role":"model","parts":[\#(parts)]}\#(more)}]}"#
    }
    private let stop = #","finishReason":"STOP""#

    @Test func aPlainReply() {
        let (_, events, error) = reply([
            parts(#"{"text":"Hm","thought":true}"#),
            #"{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}],"#
                + #""modelVersion":"gemini-x","usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"#
                + #""thoughtsTokenCount":5,"cachedContentTokenCount":1,"toolUsePromptTokenCount":9}}"#,
        ])
        #expect(error == nil)
        #expect(
            events == [
                .thinking("Hm"), .model("gemini-x"),
                .usage(TokenUsage(inputTokens: 3, cachedInputTokens: 1, outputTokens: 7, reasoningTokens: 5)),
                .text("Hi"), .finished(.stop),
            ])
    }

    @Test func aReasonInTheMiddleIsNoEnd() {
        let (summary, _, error) = reply([parts(#"{"text":"a"}"#, stop), parts(#"{"text":"b"}"#, stop)])
        #expect(error == nil && summary.violations == [])
        #expect(summary.text == "ab" && summary.finish == .stop)
    }

    @Test(arguments: [
        ("STOP", FinishReason.stop), ("MAX_TOKENS", .length), ("SAFETY", .contentFilter),
        ("IMAGE_SAFETY", .contentFilter),
        ("RECITATION", .contentFilter), ("SPII", .contentFilter), ("MALFORMED_FUNCTION_CALL", .other), ("NEW", .other),
    ])
    func reasonsAreTranslated(word: String, reason: FinishReason) {
        #expect(reply([#"{"candidates":[{"finishReason":"\#(word)"}]}"#]).summary.finish == reason)
    }

    @Test func callsHaveIDsAndSignatures() throws {
        let (summary, _, _) = reply([
            parts(
                #"{"text":"Let me see. "},{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"sig"},"#
                    + #"{"functionCall":{"id":"x1","name":"g"}}"#),
            parts(#"{"text":"","thoughtSignature":"last"}"#, stop),
        ])
        #expect(summary.violations == [])
        #expect(
            summary.tools == [
                ToolCall(id: "gemini-call-1", name: "f", arguments: #"{"a":1}"#),
                ToolCall(id: "x1", name: "g", arguments: "{}"),
            ])
        #expect(summary.finish == .toolCalls)

        let turn = PromptMessage(
            role: .assistant, parts: [.text(summary.text)] + summary.tools.map { .toolCall($0) },
            providerState: summary.state)
        let results = PromptMessage(
            role: .user,
            parts: [
                .toolResult(id: "gemini-call-1", name: "f", output: "plain", isError: false),
                .toolResult(id: "x1", name: "g", output: #"{"ok":true}"#, isError: false),
            ])
        let prompt = Prompt(model: "gemini-3-flash-preview", messages: [.user("Q"), turn, results])
        let body = try JSONValue(parsing: try GeminiFormat().request(for: prompt).body)
        #expect(
            body["contents"]?[1] == [
                "role": "model",
                "parts": [
                    ["text": "Let me see. "],
                    ["functionCall": ["name": "f", "args": ["a": 1]], "thoughtSignature": "sig"],
                    ["functionCall": ["id": "x1", "name": "g", "args": [:]]],
                    ["text": "", "thoughtSignature": "last"],
                ],
            ])
        #expect(
            body["contents"]?[2]?["parts"] == [
                ["functionResponse": ["name": "f", "response": ["output": "plain"]]],
                ["functionResponse": ["name": "g", "id": "x1", "response": ["ok": true]]],
            ])
    }

    @Test func argumentsInPiecesArePutTogether() {
        func piece(_ args: String, _ goesOn: Bool = true) -> String {
            parts(#"{"functionCall":{"partialArgs":[\#(args)]\#(goesOn ? #","willContinue":true"# : "")}}"#)
        }
        let (summary, _, _) = reply([
            parts(#"{"functionCall":{"name":"trip","willContinue":true},"thoughtSignature":"s"}"#),
            piece(#"{"jsonPath":"$.city","stringValue":"San ","willContinue":true}"#),
            piece(#"{"jsonPath":"$.city","stringValue":"José"},{"jsonPath":"$.days[1].n","numberValue":2.5}"#),
            piece(#"{"jsonPath":"$['a b']","boolValue":true},{"jsonPath":"$.none","nullValue":null}"#),
            parts(#"{"functionCall":{}}"#),
            parts(#"{"functionCall":{"name":"second","args":{}}}"#, stop),
        ])
        #expect(summary.violations == [])
        #expect(summary.tools.map(\.name) == ["trip", "second"])
        let arguments = try? JSONValue(parsing: summary.tools[0].arguments)
        #expect(
            arguments == ["city": "San José", "days": [nil, ["n": .double(2.5)]], "a b": true, "none": nil])
    }

    @Test(arguments: [
        "$.a[99999999]", "$.a[-1]", "$", "a", "$..", "$[", "$['", "$[]", "$.a" + String(repeating: ".b", count: 99),
        "$" + String(repeating: "[0]", count: 5_000),
    ])
    func oddPathsAreIgnored(path: String) {
        let (summary, _, error) = reply([
            parts(#"{"functionCall":{"name":"f","willContinue":true}}"#),
            parts(#"{"functionCall":{"partialArgs":[{"jsonPath":"\#(path)","stringValue":"x"}]}}"#, stop),
        ])
        #expect(error == nil && summary.tools.map(\.arguments) == ["{}"])
    }

    @Test func groundingBytesBecomeScalars() {
        let text = "Größe: 5 €. Ende 🙂"
        let end = "Größe: 5 €.".utf8.count
        let (summary, _, _) = reply([
            parts(#"{"text":"\#(text)"}"#),
            #"{"candidates":[{"finishReason":"STOP","groundingMetadata":{"groundingChunks":["#
                + #"{"web":{"uri":"https://a.example","title":"A"}},{"web":{"uri":"https://b.example"}}],"#
                + #""groundingSupports":[{"segment":{"startIndex":0,"endIndex":\#(end)},"groundingChunkIndices":[0]},"#
                + #"{"segment":{"startIndex":\#(end + 1),"endIndex":\#(text.utf8.count)},"groundingChunkIndices":[0,7]},"#
                + #"{"segment":{"endIndex":9999},"groundingChunkIndices":[0]}]}}]}"#,
        ])
        #expect(
            summary.citations == [
                Citation(url: "https://a.example", title: "A", start: 0, end: 11),
                Citation(url: "https://a.example", title: "A", start: 12, end: 18),
                Citation(url: "https://a.example", title: "A"),
                Citation(url: "https://b.example", title: "https://b.example"),
            ])
    }

    @Test func placesInLongTextsAreExact() {
        let text = String(repeating: "aé€🙂", count: 1_000)
        let bytes = Array(text.utf8)
        for end in [0, 1, 10, 1_020, 2_048, 4_110, 9_990, 10_000]
        where String(validating: bytes[..<end], as: UTF8.self) != nil {
            let (summary, _, _) = reply([
                parts(#"{"text":"\#(text)"}"#),
                #"{"candidates":[{"finishReason":"STOP","citationMetadata":{"citationSources":[{"uri":"u","endIndex":\#(end)}]}}]}"#,
            ])
            let expected = String(decoding: bytes[..<end], as: UTF8.self).unicodeScalars.count
            #expect(summary.citations.first?.end == expected)
        }
    }

    @Test func imagesAndCode() {
        let (summary, _, _) = reply([
            parts(
                #"{"inlineData":{"mimeType":"image/png","data":"AQID"}},{"inlineData":{"mimeType":"image/png","data":"*"}},"#
                    + #"{"thought":true,"inlineData":{"mimeType":"image/png","data":"AQID"}},"#
                    + #"{"executableCode":{"language":"PYTHON","code":"1"}},"#
                    + #"{"codeExecutionResult":{"outcome":"OUTCOME_FAILED","output":"boom"}}"#, stop)
        ])
        #expect(summary.images == ["image/png"])
        #expect(summary.tools == [])
        #expect(summary.serverTools.map(\.phase) == [.failed])
        #expect(summary.serverTools.first?.output == "boom")
        #expect(summary.finish == .stop)
    }

    @Test func picturesGoBackWithTheirSignatures() throws {
        let (summary, _, _) = reply([
            parts(
                #"{"text":"Here: "},{"inlineData":{"mimeType":"image/png","data":"AQID"},"thoughtSignature":"pic"},"#
                    + #"{"text":"Nice?"},{"inlineData":{"mimeType":"image/png","data":"BAUG"}}"#, stop)
        ])
        let state = try #require(summary.state)
        func contents(_ parts: [PromptMessage.Part]) throws -> [JSONValue] {
            let turn = PromptMessage(role: .assistant, parts: parts, providerState: state)
            let request = try GeminiFormat().request(for: Prompt(model: "g", messages: [.user("q"), turn, .user("r")]))
            return try #require(JSONValue(parsing: request.body)["contents"]?[1]?["parts"]?.array)
        }
        let first = PromptMessage.Part.image(mime: "image/png", bytes: [1, 2, 3])
        let second = PromptMessage.Part.image(mime: "image/png", bytes: [4, 5, 6])
        #expect(
            try contents([first, second, .text("Here: Nice?")]) == [
                ["text": "Here: "],
                ["inlineData": ["mimeType": "image/png", "data": "AQID"], "thoughtSignature": "pic"],
                ["text": "Nice?"], ["inlineData": ["mimeType": "image/png", "data": "BAUG"]],
            ])
        // A picture that is gone takes the places with it.
        #expect(try contents([first, .text("Here: Nice?")]).allSatisfy { $0["thoughtSignature"] == nil })
    }

    @Test(arguments: [
        (400, "INVALID_ARGUMENT", "API Key not found. Please pass a valid API key.", "API_KEY_INVALID", "rejected"),
        (403, "PERMISSION_DENIED", "Not usable.", "CONSUMER_SUSPENDED", "blocked"),
        (403, "PERMISSION_DENIED", "Not enabled.", "SERVICE_DISABLED", "blocked"),
        (429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.", "x", "exhausted"),
    ])
    func reasonsInDetailsCount(status: Int, word: String, message: String, reason: String, verdict: String) {
        let error = #"{"error":{"code":\#(status),"message":"\#(message)","status":"\#(word)","#
        let body = error + #""details":[{"@type":"x","reason":"\#(reason)"}]}}"#
        for body in [body, "[\(body)]"] {
            let failure = WireFailure(status: status, body: Array(body.utf8))
            #expect(GeminiFailures().meaning(of: failure).verdict?.rawValue == verdict)
        }
    }

    @Test func blockedPromptsAndErrors() {
        let blocked = reply([#"{"promptFeedback":{"blockReason":"SAFETY"}}"#])
        #expect(blocked.error?.code == .contentFiltered)
        let empty = reply([#"{"candidates":[{"index":0}],"promptFeedback":{"blockReason":"SAFETY"}}"#])
        #expect(empty.error?.code == .contentFiltered)
        let late = reply([parts(#"{"text":"a"}"#), #"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}"#])
        #expect(late.summary.text == "a" && late.summary.finish == .contentFilter)
        let error = reply([
            parts(#"{"text":"a"}"#, stop), #"{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}"#,
        ])
        #expect(error.summary.text == "a")
        #expect(error.error?.code == .providerOverloaded && error.error?.isRetryable == true)
        #expect(reply([parts(#"{"text":"a"}"#)]).error?.code == .providerProtocol)
        #expect(reply([]).error?.code == .providerProtocol)
    }

    @Test func anArrayOfResponsesIsReadToo() {
        let (summary, _, error) = reply(["[\(parts(#"{"text":"a"}"#)),\n\(parts(#"{"text":"b"}"#, stop))]"])
        #expect(error == nil && summary.text == "ab" && summary.finish == .stop)
        #expect(reply(["[\(parts(#"{"text":"a"}"#))"]).error?.code == .providerProtocol)
    }

    @Test(arguments: ["rubbish", "\"text\"", "7"])
    func whatIsNoResponseIsAnError(data: String) {
        #expect(reply([data]).error?.code == .providerProtocol)
    }

    @Test func strangersAreSkipped() {
        let (summary, _, error) = reply([
            "[DONE]", "{}", #"{"newField":{"a":[1]}}"#, #"{"candidates":[]}"#, #"{"candidates":[{"content":{}}]}"#,
            parts(#"{"hologram":1},{"text":7},{"functionCall":{}},{"functionCall":5}"#, stop),
        ])
        #expect(error == nil && summary.violations == [] && summary.finish == .stop)
    }
}

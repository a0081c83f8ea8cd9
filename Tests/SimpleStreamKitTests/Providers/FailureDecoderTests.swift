import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamKit

@Suite("Provider failures")
struct FailureDecoderTests {
    private let decoder = FailureDecoder(providerName: "Acme")

    private func failure(_ status: Int, _ body: String = "", _ headers: [String: String] = [:]) -> WireFailure {
        WireFailure(status: status, headers: headers, body: Array(body.utf8))
    }

    @Test(
        "A status alone decides when the body says nothing",
        arguments: [
            (400, ChatError.Code.providerInvalidRequest), (401, .providerAuth), (402, .providerQuotaExhausted),
            (403, .providerPermission), (404, .providerModelNotFound), (408, .providerUnavailable),
            (413, .providerInvalidRequest), (422, .providerInvalidRequest), (429, .providerRateLimited),
            (500, .providerUnavailable), (502, .providerUnavailable), (503, .providerOverloaded),
            (529, .providerOverloaded), (302, .providerProtocol),
        ])
    func statuses(status: Int, code: ChatError.Code) {
        for body in ["", "<html><h1>Oops</h1></html>", "something plain", "{}", "[]", "null", "{\"error\":null}"] {
            #expect(decoder.error(failure(status, body)).code == code, "\(body)")
        }
    }

    @Test(
        "The body decides before the status",
        arguments: [
            (429, #"{"error":{"code":"insufficient_quota","message":"x"}}"#, ChatError.Code.providerQuotaExhausted),
            (400, #"{"code":"invalid-argument","error":"Incorrect API key provided."}"#, .providerAuth),
            (403, #"{"error":"Your team has used all available credits"}"#, .providerQuotaExhausted),
            (
                400, #"{"error":{"message":"This model's maximum context length is 8192 tokens"}}"#,
                .contextLengthExceeded
            ),
            (400, #"{"detail":"The model's context window is too small"}"#, .contextLengthExceeded),
            (
                500, #"{"error":{"message":"tools param requires --jinja flag","type":"server_error"}}"#,
                .providerInvalidRequest
            ),
            (200, #"{"error":{"code":503,"message":"x"}}"#, .providerOverloaded),
            (404, #"{"error":"model 'x' not found, try pulling it first"}"#, .providerModelNotFound),
            (400, #"{"object":"error","message":"bad","type":"BadRequestError","code":400}"#, .providerInvalidRequest),
            (400, #"[{"error":{"code":400,"message":"x","status":"INVALID_ARGUMENT"}}]"#, .providerInvalidRequest),
            (
                403, #"{"code":"x","error":"Your newly created team doesn't have any credits or licenses yet."}"#,
                .providerQuotaExhausted
            ),
            (403, #"{"code":"x","error":"Content violates usage guidelines. Failed check: y"}"#, .contentFiltered),
            (403, #"{"error":{"code":403,"message":"x requires moderation. It was flagged"}}"#, .contentFiltered),
            (400, #"{"error":{"message":"Your credit balance is too low"}}"#, .providerQuotaExhausted),
            (400, #"{"error":{"message":"The input token count (9) exceeds 8"}}"#, .contextLengthExceeded),
            (403, #"{"error":{"code":"unsupported_country_region_territory"}}"#, .providerPermission),
            (503, #"{"error":{"code":"server_is_overloaded","message":"x"}}"#, .providerOverloaded),
        ])
    func bodies(status: Int, body: String, code: ChatError.Code) {
        #expect(decoder.error(failure(status, body)).code == code)
    }

    @Test(
        "An error inside a stream has its status as a number or as text",
        arguments: [
            ("429", ChatError.Code.providerRateLimited), ("\"429\"", .providerRateLimited),
            ("\"400\"", .providerInvalidRequest), ("\"401\"", .providerAuth), ("\"9\"", .providerUnavailable),
            ("\"99999999999999999999\"", .providerUnavailable), ("null", .providerUnavailable),
        ])
    func statusesInStreams(status: String, code: ChatError.Code) throws {
        let json = try JSONValue(parsing: #"{"error":{"message":"m","type":null,"code":\#(status)}}"#)
        #expect(decoder.error(inStream: json).code == code)
    }

    @Test(
        "The wait is read from headers, else from words",
        arguments: [
            (["retry-after-ms": "1500", "retry-after": "9"], "", Duration.milliseconds(1500)),
            (["retry-after": "7"], "try again in 2s", .seconds(7)),
            (
                ["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "Sun, 06 Nov 1994 08:49:07 GMT"], "",
                .seconds(30)
            ),
            (["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "Sun, 06 Nov 1994 09:49:07 GMT"], "", .zero),
            ([:], "Please try again in 2.3s. Visit", .milliseconds(2300)),
            ([:], "Please try again in 120ms.", .milliseconds(120)),
            ([:], "Please try again in 1m30s.", .seconds(90)),
            ([:], "Please retry after 15 seconds.", .seconds(15)),
            (["retry-after": "1e99"], "", .seconds(86_400)),
        ])
    func retryDelays(headers: [String: String], words: String, delay: Duration) {
        let body = JSONValue.object(JSONObject())
        var json = body
        json["error"] = ["message": .string(words)]
        let error = decoder.error(failure(429, json.text, headers))
        #expect(error.retryAfter == delay)
        #expect(error.isRetryable)
    }

    @Test("No wait where none is told, and none for what trying again does not help")
    func noDelay() {
        #expect(decoder.error(failure(429, "", ["retry-after": "soon"])).retryAfter == nil)
        #expect(decoder.error(failure(429, "", ["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"])).retryAfter == nil)
        #expect(decoder.error(failure(401, "", ["retry-after": "5"])).retryAfter == nil)
        #expect(decoder.error(failure(429, "{\"error\":\"try again in a while\"}")).retryAfter == nil)
    }

    @Test("The provider's own word on trying again holds")
    func shouldRetry() {
        #expect(decoder.error(failure(500, "", ["x-should-retry": "false"])).isRetryable == false)
        #expect(decoder.error(failure(400, "", ["x-should-retry": "true"])).isRetryable)
        let wait = ["x-should-retry": "true", "retry-after-ms": "1500"]
        #expect(decoder.error(failure(409, "", wait)).retryAfter == .milliseconds(1500))
        let never = ["x-should-retry": "false", "retry-after": "5"]
        #expect(decoder.error(failure(500, "", never)).retryAfter == nil)
    }

    @Test("A date without the sender's clock is read by ours")
    func dateWithoutClock() {
        var failure = failure(429, "", ["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"])
        failure.receivedAt = 784_111_747
        #expect(decoder.error(failure).retryAfter == .seconds(30))
    }

    @Test(
        "A path that is none of the server's is no unknown model",
        arguments: [
            #"{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}"#,
            #"{"error":{"message":"Invalid URL (POST /v2/chat)","type":"invalid_request_error"}}"#,
            "404 page not found",
        ])
    func wrongAddress(body: String) {
        #expect(decoder.meaning(of: failure(404, body)) == .addressNotFound)
    }

    @Test("Users read our words; keys appear nowhere")
    func words() {
        let key = "sk-proj-abcdefghijklmnop1234"
        let body =
            #"{"error":{"message":"Incorrect API key provided: \#(key). See https://x.y","code":"invalid_api_key"}}"#
        let error = decoder.error(failure(401, body))
        #expect(error.message == "Acme does not accept the API key.")
        #expect(!error.debugDescription.contains(key))
        #expect(error.debugDescription.contains("[redacted]"))
        #expect(error.detail?.contains("https://x.y") == true)
    }

    @Test("A refused parameter is named, unless its name is odd")
    func parameters() {
        let named = decoder.error(failure(400, #"{"error":{"message":"x","param":"messages[0].role"}}"#))
        #expect(named.message == "Acme refused the request because of messages[0].role.")
        let odd = decoder.error(failure(400, #"{"error":{"message":"x","param":"<b>hi</b>"}}"#))
        #expect(odd.message == "Acme refused the request.")
    }

    @Test(
        "What looks like a key is taken out, what does not stays",
        arguments: [
            ("key sk-ant-api03-abcdef123456 bad", "key [redacted] bad"),
            ("Bearer xai-0123456789abcdef", "Bearer [redacted]"),
            ("LLM|123|abcdef_ghi and more", "[redacted] and more"),
            ("model claude-sonnet-4-5-20250929 is gone", "model claude-sonnet-4-5-20250929 is gone"),
            ("abcdefgh12345678abcdefgh12345678", "[redacted]"), ("a plain sentence.", "a plain sentence."),
        ])
    func scrubbing(text: String, result: String) {
        #expect(SecretScrubber.scrub(text) == result)
    }

    @Test("A key of any shape is taken out when it is known")
    func knownSecret() {
        let text = SecretScrubber.scrub("You sent 'my pass phrase' twice: my pass phrase", of: Secret("my pass phrase"))
        #expect(text == "You sent '[redacted]' twice: [redacted]")
    }

    @Test("Hostile bodies end in an error")
    func hostile() {
        var generator = SeededGenerator(seed: 5)
        let body = Array(
            #"{"error":{"message":"try again in 2.3s","code":[1],"param":{"a":1},"metadata":{"raw":""}}}"#.utf8)
        for _ in 0..<500 {
            var changed = body
            changed[Int.random(in: changed.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            #expect(decoder.error(WireFailure(status: 400, body: changed)).message.isEmpty == false)
        }
    }
}

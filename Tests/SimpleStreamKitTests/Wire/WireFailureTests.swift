import SimpleStreamKit
import Testing

@Suite struct WireFailureTests {
    private func failure(_ headers: [String: String]) -> WireFailure {
        WireFailure(status: 429, headers: headers, body: [])
    }

    @Test(arguments: [
        (["retry-after": "21"], Duration.seconds(21)), (["retry-after": "0.5"], .milliseconds(500)),
        (["retry-after-ms": "1500", "retry-after": "9"], .milliseconds(1500)),
        (["retry-after": "99999999"], .seconds(86_400)), (["retry-after": "-1"], nil), (["retry-after": "soon"], nil),
        (["retry-after": "nan"], nil), ([:], nil),
        (
            ["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "Sun, 06 Nov 1994 08:49:00 GMT"],
            .seconds(37)
        ),
        (["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "Mon, 07 Nov 1994 08:49:00 GMT"], nil),
        (["retry-after": "Fri, 01 Mar 2024 00:00:00 GMT", "date": "Wed, 28 Feb 2024 23:59:00 GMT"], .seconds(86_400)),
        (["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"], nil),
        (["retry-after": "Sun, 99 Foo 1994 08:49:37 GMT", "date": "Sun, 06 Nov 1994 08:49:00 GMT"], nil),
    ] as [([String: String], Duration?)])
    func retryDelaysAreRead(headers: [String: String], expected: Duration?) {
        #expect(failure(headers).retryAfter == expected)
    }

    @Test func theHintToRetryIsRead() {
        #expect(failure(["x-should-retry": "true"]).shouldRetry == true)
        #expect(failure(["x-should-retry": "false"]).shouldRetry == false)
        #expect(failure([:]).shouldRetry == nil)
    }

    @Test(arguments: [
        "sk-proj-abcdefghijklmnop", "AIzaSyD-abcdefghijklmnop", "xai-abcdefghijkl", "LLM|123|abcdefghi",
        "sk-ant-api03-abcdefgh_ijkl", "0123456789abcdef0123456789abcdef",
    ])
    func keysAreRedacted(key: String) {
        for text in [key, "key: \(key).", "{\"message\":\"bad key '\(key)' given\"}", "?key=\(key)&x", "Bearer \(key)"] {
            let scrubbed = WireFailure.scrub(text)
            #expect(!scrubbed.contains(key))
            #expect(scrubbed.contains("[redacted]"))
        }
    }

    @Test func wordsStayAndLengthIsBounded() {
        let text = "prompt is too long: 205134 tokens > 200000 maximum, claude-opus-4-1-20250805 https://a.example/b"
        #expect(WireFailure.scrub(text) == text)
        #expect(WireFailure.scrub(String(repeating: "ab ", count: 100_000)).count == 2_000)
        #expect(WireFailure(status: 500, body: [0xFF, 0xFE]).scrubbedBody == "\u{FFFD}\u{FFFD}")
    }
}

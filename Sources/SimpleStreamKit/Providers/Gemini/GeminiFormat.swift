/// `POST /models/{id}:streamGenerateContent`, Google's language.
package struct GeminiFormat: WireFormat {
    let provider: String
    let models: ModelCatalog
    let failures: GeminiFailures

    /// Makes the format.
    ///
    /// - Parameter provider: the provider's name, under which its state is kept and its models are looked up.
    package init(
        provider: String = "gemini", models: ModelCatalog = .standard, failures: GeminiFailures = GeminiFailures()
    ) {
        self.provider = provider
        self.models = models
        self.failures = failures
    }

    package func makeDecoder() -> GeminiDecoder { GeminiDecoder(provider: provider, failures: failures) }

    package func request(for prompt: Prompt) throws(ChatError) -> WireRequest {
        let request = GeminiRequest(format: self, prompt: prompt)
        // Without alt=sse it would be one JSON array.
        return WireRequest(
            path: "/models/\(Self.pathSegment(prompt.model)):streamGenerateContent?alt=sse",
            body: try request.body().encoded)
    }

    package func failure(_ response: WireFailure) -> ChatError { failures.error(response) }

    /// A model's id as a path segment, without the `models/` that Google's list puts before it.
    static func pathSegment(_ model: String) -> String {
        let segment = percentEncoded(model.hasPrefix("models/") ? model.dropFirst(7) : model[...])
        // Dots alone would be another path.
        return segment.allSatisfy { $0 == "." } ? "%2E" : segment
    }

    /// `text` with everything but letters, digits, `-`, `.` and `_` percent-encoded.
    static func percentEncoded(_ text: some StringProtocol) -> String {
        var segment = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                segment.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                segment += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return segment
    }
}

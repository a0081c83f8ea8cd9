/// Turns what a provider reports into our errors, by tables.
package struct FailureDecoder: Sendable {
    /// The provider's name as users read it.
    package let providerName: String
    /// The provider's own rules; they come before the common ones.
    package let rules: [FailureRule]

    package init(providerName: String, rules: [FailureRule] = []) {
        self.providerName = providerName
        self.rules = rules
    }

    /// What a response with a failure status, or an error body with a good one, means.
    package func error(_ failure: WireFailure) -> ChatError {
        let report = FailureReport(failure)
        var error = error(report, meaning(of: report))
        switch failure.headers["x-should-retry"]?.lowercased() {
        case "true": error.isRetryable = true
        case "false": error.isRetryable = false
        default: break
        }
        error.retryAfter =
            error.isRetryable ? RetryDelay.read(failure.headers, report, at: failure.receivedAt) : nil
        return error
    }

    /// What an error inside a stream means.
    package func error(inStream json: JSONValue) -> ChatError {
        let report = FailureReport(inStream: json)
        var error = error(report, meaning(of: report))
        error.retryAfter = error.isRetryable ? RetryDelay.read([:], report, at: nil) : nil
        return error
    }

    /// What an error inside a stream means, when it is read in place.
    package func error(inStream view: JSONView) -> ChatError {
        // Unreadable: nothing but that there was an error is known.
        error(inStream: (try? view.value()) ?? .null)
    }

    /// For a stream that is not what the wire format says.
    package func protocolError(_ message: String, detail: String? = nil) -> ChatError {
        ChatError(.providerProtocol, message, detail: detail.map(SecretScrubber.scrub))
    }

    /// What a failed response means.
    package func meaning(of failure: WireFailure) -> FailureMeaning { meaning(of: FailureReport(failure)) }

    private func meaning(of report: FailureReport) -> FailureMeaning {
        for table in [rules, FailureRule.common, FailureRule.byStatus] {
            if let rule = table.first(where: { $0.fits(report) }) {
                let isAddress = rule.meaning == .modelNotFound && report.json == nil
                return isAddress ? .addressNotFound : rule.meaning
            }
        }
        return report.status == 200 && report.json == nil ? .unknownReply : .unavailable
    }

    private func error(_ report: FailureReport, _ meaning: FailureMeaning) -> ChatError {
        var message = meaning.message(for: providerName)
        if meaning == .invalidRequest, let parameter = report.parameter, Self.isIdentifier(parameter) {
            message = "\(providerName) refused the request because of \(parameter)."
        }
        let status = report.status == 0 ? "in the stream" : "status \(report.status)"
        let codes = report.codes.sorted().map { " " + $0 }.joined()
        let detail = SecretScrubber.scrub("\(status)\(codes): \(report.message)")
        return ChatError(meaning.code, message, detail: detail)
    }

    /// Whether a parameter's name can be shown: short, and made like one.
    private static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count <= 40
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "["),
                    UInt8(ascii: "]"):
                    true
                default: false
                }
            }
    }
}

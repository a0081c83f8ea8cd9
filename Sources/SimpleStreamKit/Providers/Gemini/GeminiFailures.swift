/// Reads Google's errors, in responses and in streams.
package struct GeminiFailures: Sendable {
    /// The provider's name as users read it.
    package let providerName: String
    /// The rules that hold for all but used-up quotas.
    package let failures: FailureDecoder
    /// For a 429 that will not pass by waiting.
    private let exhausted: FailureDecoder

    package init(providerName: String = "Gemini") {
        self.providerName = providerName
        failures = FailureDecoder(providerName: providerName, rules: Self.rules)
        exhausted = FailureDecoder(
            providerName: providerName, rules: [FailureRule(.quotaExhausted, codes: ["resource_exhausted"])])
    }

    package func error(_ failure: WireFailure) -> ChatError { decoder(for: failure).error(failure) }

    package func meaning(of failure: WireFailure) -> FailureMeaning { decoder(for: failure).meaning(of: failure) }

    package func error(inStream json: JSONValue) -> ChatError {
        (Self.isUsedUp(json) ? exhausted : failures).error(inStream: json)
    }

    package func protocolError(_ message: String, detail: String? = nil) -> ChatError {
        failures.protocolError(message, detail: detail)
    }

    private func decoder(for failure: WireFailure) -> FailureDecoder {
        let json = try? JSONValue(parsing: failure.body, .provider)  // Not JSON: the status will do.
        return json.map(Self.isUsedUp) == true ? exhausted : failures
    }

    /// Whether a quota is gone for the day or was never there; the others come back within a minute.
    private static func isUsedUp(_ json: JSONValue) -> Bool {
        guard let error = (json.array?.first ?? json)["error"], error["status"] == "RESOURCE_EXHAUSTED" else {
            return false
        }
        for detail in error["details"]?.array ?? [] {
            if detail["metadata"]?["quota_limit_value"] == "0" { return true }
            for violation in detail["violations"]?.array ?? [] {
                if violation["quotaId"]?.string?.contains("PerDay") == true { return true }
                if violation["quotaValue"] == "0" { return true }
            }
        }
        let message = error["message"]?.string ?? ""
        return message.contains("limit: 0,") || message.hasSuffix("limit: 0") || message.contains("limit: 0\n")
    }

    private static let rules: [FailureRule] = [
        FailureRule(.keyInvalid, phrases: ["api key not valid", "api key expired", "api_key_invalid"]),
        FailureRule(.keyBlocked, phrases: ["has been suspended", "reported as leaked", "consumer_suspended"]),
        FailureRule(.keyInvalid, codes: ["unauthenticated"]),
        FailureRule(.quotaExhausted, phrases: ["credits are depleted"]),
        FailureRule(.placeRefused, phrases: ["user location is not supported"]),
        FailureRule(
            .contextLengthExceeded,
            phrases: ["input token count", "exceeds the maximum number of tokens", "input context is too long"]),
        FailureRule(.permission, codes: ["permission_denied"]),
        FailureRule(.modelNotFound, codes: ["not_found"]),
        FailureRule(.rateLimited, codes: ["resource_exhausted"]),
        FailureRule(.overloaded, codes: ["unavailable"]),
        FailureRule(.unavailable, codes: ["internal", "deadline_exceeded", "cancelled", "aborted", "unknown"]),
        FailureRule(.invalidRequest, codes: ["invalid_argument", "failed_precondition", "out_of_range"]),
    ]
}

extension ProviderDescription {
    /// The AI Gateway of Vercel, by chat completions.
    public static let vercel: ProviderDescription = {
        let failures = FailureDecoder(providerName: "Vercel")
        return ProviderDescription(
            name: "vercel",
            displayName: "Vercel",
            baseURL: "https://ai-gateway.vercel.sh/v1",
            wire: ChatCompletionsFormat(provider: "vercel", quirks: .vercel, failures: failures),
            keyShape: KeyShape(prefixes: ["vck_", "eyJ"]),
            keyCheck: KeyCheck(path: "/credits", read: readCredits),
            failures: failures,
            streamLimits: .pictures)
    }()

    /// The balance comes as decimal text. One that never was anything is an account on its free tier.
    private static func readCredits(_ json: JSONValue) -> KeyVerdict? {
        guard let balance = amount(json["balance"]) else { return nil }
        let isSpent = balance <= 0 && (amount(json["total_used"]) ?? 0) > 0
        return isSpent ? KeyVerdict(.exhausted, "The account at Vercel has no credit left.") : .works
    }

    private static func amount(_ value: JSONValue?) -> Double? { value?.double ?? value?.string.flatMap(Double.init) }
}

extension ChatCompletionsQuirks {
    /// The gateway takes OpenAI's names for every maker's models.
    package static let vercel = ChatCompletionsQuirks {
        $0.acceptsFiles = true
        $0.models = .vercel
    }

    /// The model API of v0, which is gone but was copied.
    package static let v0 = ChatCompletionsQuirks {
        $0.mayEndWithoutReason = true
        $0.repeatsReasoning = true
    }
}

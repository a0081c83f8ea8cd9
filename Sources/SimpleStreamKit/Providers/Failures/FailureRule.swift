/// One line of a table that says what provider errors mean. The first rule that fits holds.
package struct FailureRule: Sendable {
    let meaning: FailureMeaning
    let statuses: Set<Int>
    let codes: Set<String>
    let phrases: [String]

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - statuses: statuses it holds for; empty for all.
    ///   - codes: what the body's code or type may be, in lower case.
    ///   - phrases: what the message may contain, in lower case. With neither codes nor phrases the status decides.
    package init(
        _ meaning: FailureMeaning,
        statuses: Set<Int> = [],
        codes: Set<String> = [],
        phrases: [String] = []
    ) {
        self.meaning = meaning
        self.statuses = statuses
        self.codes = codes
        self.phrases = phrases
    }

    func fits(_ report: FailureReport) -> Bool {
        guard statuses.isEmpty || statuses.contains(report.status) else { return false }
        if codes.isEmpty, phrases.isEmpty { return true }
        if !codes.isDisjoint(with: report.codes) { return true }
        return phrases.contains { report.words.contains($0) }
    }
}

extension FailureRule {
    /// What error bodies mean at OpenAI and at everyone who copied its shape.
    package static let common: [FailureRule] = [
        FailureRule(
            .quotaExhausted,
            codes: [
                "insufficient_quota", "billing_error", "billing_hard_limit_reached", "billing_not_active",
                "insufficient_credits", "insufficient_balance", "insufficient_funds", "customer_verification_required",
                "payment_required",
            ],
            phrases: [
                "exceeded your current quota", "used all available credits", "monthly spending limit",
                "insufficient balance", "insufficient credits", "requires more credits", "have any credits",
                "credit balance is too low",
            ]),
        FailureRule(
            .keyBlocked,
            codes: ["account_deactivated"],
            phrases: ["has been deactivated", "account is not active", "organization has been disabled"]),
        FailureRule(
            .keyInvalid,
            codes: ["invalid_api_key", "incorrect_api_key", "authentication_error"],
            phrases: ["incorrect api key", "invalid api key", "no api key", "api key is missing"]),
        FailureRule(
            .contextLengthExceeded,
            codes: ["context_length_exceeded", "exceed_context_size_error"]),
        FailureRule(
            .contextLengthExceeded,
            statuses: [0, 200, 400, 413, 422, 500],
            phrases: [
                "context length", "context window", "context size", "maximum prompt length", "prompt is too long",
                "input token count",
            ]),
        FailureRule(
            .contentFiltered,
            codes: [
                "content_filter", "content_policy_violation", "invalid_prompt", "responsibleaipolicyviolation",
                "content_filtered", "moderation_blocked", "image_content_policy_violation", "cyber_policy",
                "bio_policy", "misalignment_policy_violation",
            ],
            phrases: ["content management policy", "violates usage guidelines", "requires moderation"]),
        // llama.cpp's and OpenAI's words for a path that is none of theirs: the base URL is wrong.
        FailureRule(.addressNotFound, statuses: [404], phrases: ["file not found", "invalid url"]),
        FailureRule(
            .modelNotFound,
            codes: ["model_not_found", "model_not_found_error", "model_not_available"],
            phrases: ["model not found", "not a valid model", "unknown model"]),
        FailureRule(.placeRefused, codes: ["unsupported_country_region_territory"]),
        FailureRule(
            .overloaded,
            codes: [
                "service_overloaded", "backend_unavailable", "server_shutting_down", "service_unavailable_error",
                "overloaded_error", "engine_overloaded", "server_overloaded", "slow_down", "server_is_overloaded",
            ]),
        FailureRule(.rateLimited, codes: ["rate_limit_exceeded", "rate_limit_error"]),
        // What OpenAI finds out only after the stream has begun.
        FailureRule(
            .invalidRequest,
            codes: [
                "invalid_image", "invalid_image_format", "invalid_image_mode", "invalid_image_url",
                "invalid_base64_image", "image_too_large", "image_too_small", "image_parse_error",
                "image_file_too_large", "image_file_not_found", "empty_image_file", "failed_to_download_image",
                "unsupported_image_media_type", "data_residency_mismatch",
            ]),
        // llama.cpp answers so when a feature was not switched on; trying again does not help.
        FailureRule(.invalidRequest, statuses: [500], phrases: ["requires --"]),
    ]

    /// What a status alone means.
    static let byStatus: [FailureRule] = [
        FailureRule(.keyInvalid, statuses: [401, 407]),
        FailureRule(.quotaExhausted, statuses: [402]),
        FailureRule(.permission, statuses: [403, 451]),
        FailureRule(.modelNotFound, statuses: [404, 410]),
        FailureRule(.tooLarge, statuses: [413]),
        FailureRule(.rateLimited, statuses: [429]),
        FailureRule(.overloaded, statuses: [503, 529]),
        FailureRule(.unavailable, statuses: [408, 409, 425]),
        FailureRule(.unavailable, statuses: Set(500..<600)),
        FailureRule(.redirect, statuses: Set(300..<400)),
        FailureRule(.invalidRequest, statuses: Set(400..<500)),
        // Without a status: an error inside a stream.
        FailureRule(.invalidRequest, codes: ["invalid_request_error", "tool_use_failed", "invalid_request"]),
    ]
}

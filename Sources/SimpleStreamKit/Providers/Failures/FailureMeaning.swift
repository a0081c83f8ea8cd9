/// What a provider's failure means, whatever words it used.
package struct FailureMeaning: Hashable, Sendable {
    /// The failure's name on our wire.
    package let code: ChatError.Code
    /// What the user reads; `%` stands for the provider's name.
    let sentence: String
    /// What it says of the key, when it says something.
    package let verdict: KeyVerdict.Code?

    private init(_ code: ChatError.Code, _ sentence: String, verdict: KeyVerdict.Code? = nil) {
        self.code = code
        self.sentence = sentence
        self.verdict = verdict
    }

    /// The sentence for the provider called `name`.
    package func message(for name: String) -> String {
        sentence.split(separator: "%", omittingEmptySubsequences: false).joined(separator: name)
    }

    package static let keyInvalid = FailureMeaning(
        .providerAuth, "% does not accept the API key.", verdict: .rejected)
    package static let keyBlocked = FailureMeaning(
        .providerAuth, "% has disabled the API key or its account.", verdict: .blocked)
    package static let permission = FailureMeaning(
        .providerPermission, "% does not let this API key do that.", verdict: .blocked)
    package static let placeRefused = FailureMeaning(
        .providerPermission, "% does not serve the place this server asks from.", verdict: .blocked)
    package static let modelNotFound = FailureMeaning(
        .providerModelNotFound, "% does not know this model, or this key may not use it.")
    package static let addressNotFound = FailureMeaning(
        .providerModelNotFound, "There is no chat service of % at its address.", verdict: .wrongEndpoint)
    package static let rateLimited = FailureMeaning(
        .providerRateLimited, "% is receiving too many requests for this key.", verdict: .rateLimited)
    package static let quotaExhausted = FailureMeaning(
        .providerQuotaExhausted, "The account at % has no quota or credit left.", verdict: .exhausted)
    package static let overloaded = FailureMeaning(
        .providerOverloaded, "% is overloaded at the moment.", verdict: .unreachable)
    package static let unavailable = FailureMeaning(
        .providerUnavailable, "% had an internal error.", verdict: .unreachable)
    package static let contextLengthExceeded = FailureMeaning(
        .contextLengthExceeded, "The conversation is longer than this model can read.")
    package static let contentFiltered = FailureMeaning(
        .contentFiltered, "% refused the content of the request.")
    package static let tooLarge = FailureMeaning(
        .providerInvalidRequest, "The request is larger than % accepts.")
    package static let invalidRequest = FailureMeaning(
        .providerInvalidRequest, "% refused the request.")
    package static let redirect = FailureMeaning(
        .providerProtocol, "% answered with a redirect, which is not followed.", verdict: .wrongEndpoint)
    package static let unknownReply = FailureMeaning(
        .providerProtocol, "% answered with something that is not a reply.", verdict: .wrongEndpoint)
}

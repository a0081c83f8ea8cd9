/// Turns one prompt into one reply.
///
/// - A reply ends with exactly one ``ReplyEvent/finished(_:)``, or throws; never both.
/// - Returning early from `body`, by any way, closes the upstream request before `withReply` returns.
/// - Vendor failures become ``ChatError`` with a `provider_…` code, `no_provider_key`, `context_length_exceeded`
///   or `content_filtered`.
/// - A provider does not retry: the engine does.
public protocol ChatProvider: Sendable {
    /// The name it has in `provider/model`: lower-case letters, digits, `-`.
    var name: String { get }

    /// Where its bytes arrive. Work done there pays for no change of thread. Nil when it has no such place.
    var executor: (any TaskExecutor)? { get }

    /// Where the operator has put the provider; nil when it is where its maker has it. A key that a user saves without a base
    /// URL of their own is bound to it.
    var operatorBaseURL: String? { get }

    /// Answers `prompt`, or throws a ``ChatError``.
    func withReply<R>(
        to prompt: Prompt,
        using credential: Credential,
        _ body: (ReplyEvents) async throws -> sending R
    ) async throws -> sending R

    /// Asks the provider whether `credential` works, with the cheapest call that tells.
    func verdict(on credential: Credential) async -> KeyVerdict

    /// The models the provider lists for `credential`.
    func models(for credential: Credential) async throws(ChatError) -> [Model]
}

extension ChatProvider {
    public var executor: (any TaskExecutor)? { nil }
    public var operatorBaseURL: String? { nil }
}

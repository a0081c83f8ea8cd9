/// Finds out what a provider thinks of a key, as cheaply as it can be known.
///
/// 1. What has not the shape of a key is not sent anywhere.
/// 2. One call tells whether the key is known: the list of models, or what the provider has for it.
/// 3. Where a list is given to empty accounts too, a second, free call tells whether it can pay.
///
/// A verdict is `valid` only when the provider said so. Being refused for the moment is not that.
public struct KeyValidator: Sendable {
    private let provider: HTTPChatProvider

    /// Validates keys of `provider`.
    public init(_ provider: HTTPChatProvider) { self.provider = provider }

    /// What the provider thinks of the credential's key.
    public func verdict(on credential: Credential) async -> KeyVerdict {
        if let objection = objection(to: credential) { return objection }
        let check = provider.description.keyCheck
        do {
            let (status, reply) = try await provider.exchange(check.path, credential)
            let verdict = verdict(status: status, reply)
            guard verdict.code == .valid, let probe = check.probe else { return verdict }
            let (probed, answer) = try await provider.exchange(probe.path, credential, probe: probe)
            return self.verdict(ofProbe: probed, answer) ?? verdict
        } catch {
            return self.verdict(on: error)
        }
    }

    /// What is wrong with the key before anybody is asked.
    private func objection(to credential: Credential) -> KeyVerdict? {
        let description = provider.description
        guard let key = credential.key?.reveal(), !key.isEmpty else {
            guard description.authorization.isRequired else { return nil }
            return KeyVerdict(.rejected, "There is no API key for \(description.displayName).")
        }
        // Another server may have keys of its own.
        guard credential.baseURL == nil else { return nil }
        return description.keyShape?.objection(to: key).map { KeyVerdict(.rejected, $0) }
    }

    private func verdict(status: Int, _ reply: WireFailure) -> KeyVerdict {
        let description = provider.description
        let stranger = KeyVerdict(.wrongEndpoint, "What answers there is not \(description.displayName).")
        guard 200..<300 ~= status else {
            let meaning = description.failures.meaning(of: reply)
            if let verdict = description.keyCheck.statuses[status], meaning == .permission {
                // Whoever stands in between refuses with a page, or with nothing.
                return (try? JSONValue(parsing: reply.body, .provider))?["error"] == nil ? stranger : verdict
            }
            return meaning.verdict.map { KeyVerdict($0, meaning.message(for: description.displayName)) } ?? stranger
        }
        // Not JSON: some other server.
        guard let json = try? JSONValue(parsing: reply.body, .provider) else { return stranger }
        return description.keyCheck.read(json) ?? stranger
    }

    /// Only what speaks against the key: that the probe itself failed says nothing of it.
    private func verdict(ofProbe status: Int, _ reply: WireFailure) -> KeyVerdict? {
        guard !(200..<300 ~= status) else { return nil }
        let meaning = provider.description.failures.meaning(of: reply)
        guard let code = meaning.verdict, [.exhausted, .blocked, .rejected].contains(code) else { return nil }
        return KeyVerdict(code, meaning.message(for: provider.description.displayName))
    }

    private func verdict(on error: ChatError) -> KeyVerdict {
        switch error.code {
        case .noProviderKey, .providerAuth: KeyVerdict(.rejected, error.message)
        case .invalidRequest, .providerProtocol: KeyVerdict(.wrongEndpoint, error.message)
        default: KeyVerdict(.unreachable, error.message)
        }
    }
}

import HTTPTypes

extension HTTPChatProvider {
    /// Bytes of one page of a list.
    private static let maxListBytes = 16 << 20
    /// More pages are not asked for.
    private static let maxPages = 20

    public func models(for credential: Credential) async throws(ChatError) -> [Model] {
        var models: [Model] = []
        var path: String? = description.modelList.path
        var pages = 0
        while let current = path, pages < Self.maxPages {
            guard let json = try await json(at: current, credential),
                let page = description.modelList.read(json, name)
            else {
                throw ChatError(.providerProtocol, "\(description.displayName) did not answer with a list of models.")
            }
            models += page.models
            path = page.next
            pages += 1
        }
        return models
    }

    public func verdict(on credential: Credential) async -> KeyVerdict {
        if credential.baseURL == nil, let key = credential.key?.reveal(),
            let objection = description.keyShape?.objection(to: key)
        {
            return KeyVerdict(.rejected, objection)
        }
        do {
            let (status, reply) = try await exchange(description.keyCheck.path, credential)
            return verdict(status: status, reply)
        } catch {
            return verdict(on: error)
        }
    }

    private func verdict(status: Int, _ reply: WireFailure) -> KeyVerdict {
        if let verdict = description.keyCheck.statuses[status] { return verdict }
        let stranger = KeyVerdict(.wrongEndpoint, "What answers there is not \(description.displayName).")
        guard 200..<300 ~= status else {
            let meaning = description.failures.meaning(of: reply)
            return meaning.verdict.map { KeyVerdict($0, meaning.message(for: description.displayName)) } ?? stranger
        }
        guard let json = try? JSONValue(parsing: reply.body, .provider) else { return stranger }
        return description.keyCheck.read(json) ?? stranger
    }

    private func verdict(on error: ChatError) -> KeyVerdict {
        switch error.code {
        case .noProviderKey, .providerAuth: KeyVerdict(.rejected, error.message)
        case .invalidRequest, .providerProtocol: KeyVerdict(.wrongEndpoint, error.message)
        default: KeyVerdict(.unreachable, error.message)
        }
    }

    /// The JSON at `path`; nil when something else is there.
    private func json(at path: String, _ credential: Credential) async throws(ChatError) -> JSONValue? {
        let (status, reply) = try await exchange(path, credential)
        guard 200..<300 ~= status else { throw scrubbed(description.wire.failure(reply), credential) }
        return try? JSONValue(parsing: reply.body, .provider)  // Not JSON: not this provider.
    }

    private func exchange(_ path: String, _ credential: Credential) async throws(ChatError) -> (Int, WireFailure) {
        let request = try request(.get, path, credential)
        var options = options(for: credential)
        options.firstByteTimeout = min(options.firstByteTimeout, .seconds(30))
        options.idleTimeout = min(options.idleTimeout, .seconds(30))
        do {
            return try await transport.withResponse(to: request, content: [], options: options) { response, content in
                guard response.status.kind == .successful else {
                    return (response.status.code, try await failure(response, content))
                }
                let body = try await content.collect(upTo: Self.maxListBytes)
                return (response.status.code, WireFailure(status: response.status.code, body: body))
            }
        } catch let error as ChatError {
            throw scrubbed(error, credential)
        } catch {
            throw ChatError(
                error is CancellationError ? .cancelled : .internal, "The provider could not be asked.",
                detail: String(describing: error))
        }
    }
}

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
        await KeyValidator(self).verdict(on: credential)
    }

    /// The JSON at `path`; nil when something else is there.
    private func json(at path: String, _ credential: Credential) async throws(ChatError) -> JSONValue? {
        let (status, reply) = try await exchange(path, credential)
        guard 200..<300 ~= status else { throw scrubbed(description.wire.failure(reply), credential) }
        return try? JSONValue(parsing: reply.body, .provider)  // Not JSON: not this provider.
    }

    /// A short exchange: the status, and the body as far as it matters.
    func exchange(
        _ path: String, _ credential: Credential, probe: KeyCheck.Probe? = nil
    ) async throws(ChatError) -> (Int, WireFailure) {
        var request = try request(probe == nil ? .get : .post, path, credential)
        if probe != nil { request.headerFields[.contentType] = "application/json" }
        for header in probe?.headers ?? [] { try request.headerFields.set(header.name, header.value) }
        var options = options(for: credential)
        options.firstByteTimeout = min(options.firstByteTimeout, .seconds(30))
        options.idleTimeout = min(options.idleTimeout, .seconds(30))
        let content = probe?.body.encoded ?? []
        do {
            return try await transport.withResponse(to: request, content: content, options: options) {
                response, content in
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

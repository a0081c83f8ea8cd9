import HTTPTypes

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A ``ChatProvider`` made of a description and a transport.
///
/// The key goes into one header, and only to the base URL it belongs to: the credential's own, or the description's.
public struct HTTPChatProvider: ChatProvider {
    /// What it is made of.
    public let description: ProviderDescription
    let transport: any HTTPTransport

    /// Makes a provider that is reached by `transport`.
    public init(_ description: ProviderDescription, transport: any HTTPTransport) {
        self.description = description
        self.transport = transport
    }

    public var name: String { description.name }
    public var operatorBaseURL: String? { description.operatorBaseURL }
    public var executor: (any TaskExecutor)? { transport.executor }

    public func withReply<R>(
        to prompt: Prompt,
        using credential: Credential,
        _ body: (ReplyEvents) async throws -> sending R
    ) async throws -> sending R {
        let call = try description.wire.request(for: prompt)
        var request = try request(.post, call.path, credential)
        request.headerFields[.contentType] = "application/json"
        request.headerFields[.accept] = "text/event-stream"
        for header in call.headers { try request.headerFields.set(header.name, header.value) }
        return try await transport.withResponse(to: request, content: call.body, options: options(for: credential)) {
            response, content in
            guard response.status.kind == .successful else {
                let failure = try await failure(response, content)
                throw scrubbed(description.wire.failure(failure), credential)
            }
            var reader = ReplyReader(
                content: content,
                decoder: description.wire.makeDecoder(),
                description: description,
                scrub: { scrubbed($0, credential) })
            return try await body(ReplyEvents { try await reader.nextBatch() })
        }
    }
}

// MARK: - Requests

extension HTTPChatProvider {
    /// The first bytes of an error body that are read.
    static let maxFailureBytes = 64 << 10

    /// A request to the place `credential` belongs to.
    func request(_ method: HTTPRequest.Method, _ path: String, _ credential: Credential) throws(ChatError)
        -> HTTPRequest
    {
        let base = try BaseURL(
            credential.baseURL ?? description.baseURL, allowsPlainHTTP: options(for: credential).allowsPlainHTTP)
        var request = HTTPRequest(
            method: method, scheme: base.scheme, authority: base.authority, path: base.path + path)
        // Some firewalls refuse who does not say what it is.
        request.headerFields[.userAgent] = "simple-stream"
        for header in description.headers { try request.headerFields.set(header.name, header.value) }
        if !credential.isUserOwned {
            for header in description.operatorHeaders { try request.headerFields.set(header.name, header.value) }
        }
        try authorize(&request, credential)
        return request
    }

    private func authorize(_ request: inout HTTPRequest, _ credential: Credential) throws(ChatError) {
        guard let header = description.authorization.header else { return }
        guard let key = credential.key?.reveal(), !key.isEmpty else {
            guard description.authorization.isRequired else { return }
            throw ChatError(.noProviderKey, "There is no API key for \(description.displayName).")
        }
        // Anything else would not survive a header, or would start another one.
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ChatError(.providerAuth, "The API key for \(description.displayName) holds characters no key has.")
        }
        try request.headerFields.set(header, description.authorization.prefix + key)
    }

    /// A user's own base URL gets no more trust than the user.
    func options(for credential: Credential) -> TransportOptions {
        var options = description.transport
        if credential.isUserOwned, let own = credential.baseURL, own != operatorBaseURL {
            options.requiresPublicAddress = true
            options.allowsPlainHTTP = false
        }
        return options
    }

    /// The head and the first bytes of a response that is not a reply.
    func failure(_ response: HTTPResponse, _ content: HTTPBody) async throws(ChatError) -> WireFailure {
        var headers: [String: String] = [:]
        for field in response.headerFields { headers[field.name.canonicalName] = field.value }
        let body: [UInt8]
        do {
            body = try await content.prefix(bytes: Self.maxFailureBytes)
        } catch  where error.code != .cancelled {
            // The status tells enough when the body is cut off.
            body = []
        }
        return WireFailure(
            status: response.status.code, headers: headers, body: body,
            receivedAt: Int(Date().timeIntervalSince1970))
    }

    /// `error` without the key, should the provider have repeated it.
    func scrubbed(_ error: ChatError, _ credential: Credential) -> ChatError {
        var error = error
        error.detail = error.detail.map { SecretScrubber.scrub($0, of: credential.key) }
        return error
    }
}

extension HTTPFields {
    /// Sets a field whose name and value come as text.
    mutating func set(_ name: String, _ value: String) throws(ChatError) {
        guard let name = HTTPField.Name(name), HTTPField.isValidValue(value) else {
            throw ChatError(.invalidRequest, "A header of the request has a name or value that HTTP cannot carry.")
        }
        self[name] = value
    }
}

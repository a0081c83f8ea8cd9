import HTTPTypes
import SimpleStreamCurl
import SimpleStreamKit

/// A server that runs elsewhere.
struct RemoteClient: Sendable {
    /// Bytes of an answer that is not a stream.
    private static let maxBytes = 64 << 20

    let base: BaseURL
    let token: Secret?
    let transport: any HTTPTransport

    /// - Throws: `CommandFailure` for an address that cannot be used.
    init(server: String, token: String?, environment: [String: String]) throws {
        do throws(ChatError) {
            base = try BaseURL(server, allowsPlainHTTP: true)
        } catch {
            throw CommandFailure.configuration(
                "--server or SS_SERVER: \(error.message) An example is http://127.0.0.1:4000.", code: error.code)
        }
        guard token == nil || base.scheme == "https" || base.isThisMachine else {
            throw CommandFailure.configuration(
                "The token would cross the network unencrypted; give --server an https:// address.",
                code: .invalidRequest)
        }
        guard token?.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) ?? true else {
            throw CommandFailure.configuration(
                "--token or SS_TOKEN holds characters no token has.", code: .unauthenticated)
        }
        self.token = token.map(Secret.init)
        transport = try CurlTransport(environment: environment)
    }

    /// A request to a path of the server.
    func request(_ method: HTTPRequest.Method, _ path: String, accept: String = "application/json") -> HTTPRequest {
        var request = HTTPRequest(
            method: method, scheme: base.scheme, authority: base.authority, path: base.path + path)
        request.headerFields[.accept] = accept
        if method != .get { request.headerFields[.contentType] = "application/json" }
        if let token { request.headerFields[.authorization] = "Bearer \(token.reveal())" }
        return request
    }

    var options: TransportOptions {
        var options = TransportOptions(allowsPlainHTTP: base.scheme == "http")
        // A proxy knows nothing of this machine.
        if base.isThisMachine { options.proxy = "" }
        return options
    }

    /// The JSON the server answers with; null when it answers with nothing.
    @discardableResult
    func json(_ request: HTTPRequest, _ body: JSONValue? = nil) async throws -> JSONValue {
        try await send(request, body?.encoded ?? [])
    }

    /// Sends bytes and reads the JSON that comes back.
    func send(_ request: HTTPRequest, _ content: [UInt8]) async throws -> JSONValue {
        try await transport.withResponse(to: request, content: content, options: options) { response, body in
            guard response.status.kind == .successful else { throw await failure(response, body) }
            let bytes = try await body.collect(upTo: Self.maxBytes)
            guard !bytes.isEmpty else { return .null }
            guard let value = try? JSONValue(parsing: bytes, .provider) else { throw stranger }
            return value
        }
    }

    /// All items of a list, up to `limit`.
    func items(_ path: String, limit: Int = .max) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var cursor: String?
        repeat {
            let separator = path.contains("?") ? "&" : "?"
            let page = try await json(
                request(.get, path + (cursor.map { "\(separator)cursor=\($0.queryEscaped)" } ?? "")))
            guard let more = page["items"]?.array ?? page.array else { throw stranger }
            items += more
            cursor = page["nextCursor"]?.string
        } while cursor != nil && items.count < limit
        return Array(items.prefix(limit))
    }

    /// What a refusal says.
    func failure(_ response: HTTPResponse, _ body: HTTPBody) async -> any Error {
        // The status tells enough when the body is cut off.
        let bytes = (try? await body.collect(upTo: 1 << 20)) ?? []
        let error = (try? JSONValue(parsing: bytes, .provider))?["error"]
        let status = response.status.code
        guard let code = error?["code"]?.string else {
            if status == 401 { return refusal("The server wants a token.") }
            return status < 500
                ? unknown(status)
                : ChatError(.providerUnavailable, "The server at \(base) answered with status \(status).")
        }
        let message = error?["message"]?.string ?? "The server refused."
        if code == ChatError.Code.unauthenticated.rawValue { return refusal(message) }
        return ChatError(
            ChatError.Code(rawValue: code), message,
            isRetryable: error?["retryable"]?.bool,
            retryAfter: response.headerFields[.retryAfter].flatMap(Int.init).map(Duration.seconds))
    }

    private func refusal(_ message: String) -> CommandFailure {
        CommandFailure(
            status: token == nil ? .configuration : .keyRejected, code: .unauthenticated,
            message:
                "\(message) Run `ss-cli login --server \(base.text)`, or set SS_TOKEN to a token of that server."
        )
    }

    private func unknown(_ status: Int) -> ChatError {
        ChatError(
            status == 404 ? .notFound : .invalidRequest,
            "The server at \(base) answered with status \(status): it does not offer this, or is no ss-server.")
    }

    /// What answers is something else.
    var stranger: ChatError {
        ChatError(.providerProtocol, "What answers at \(base) is no ss-server.")
    }
}

extension BaseURL {
    /// Whether it can only be this machine.
    fileprivate var isThisMachine: Bool {
        let host =
            authority.hasPrefix("[")
            ? String(authority.prefix { $0 != "]" } + "]") : String(authority.prefix { $0 != ":" })
        return ["localhost", "127.0.0.1", "[::1]"].contains(host)
    }
}

extension String {
    /// The text as one part of a path or a query.
    var queryEscaped: String {
        var result = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}

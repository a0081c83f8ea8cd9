import HTTPTypes
import SimpleStreamKit

/// Requests to those who vouch for users: short, bounded, never redirected.
struct OutgoingRequests: Sendable {
    let transport: any HTTPTransport
    /// Who is asked, for messages.
    let name: String

    private static let bodyLimit = 256 << 10

    func get(_ url: String, bearer: Secret? = nil) async throws(ChatError) -> JSONValue {
        var fields: HTTPFields = [:]
        if let bearer { fields[.authorization] = "Bearer \(bearer.reveal())" }
        return try await send(.get, url, fields, content: [])
    }

    func post(
        _ url: String, form: [(String, String)], basic: (user: String, password: Secret)? = nil
    ) async throws(ChatError) -> JSONValue {
        var fields: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
        if let basic {
            let pair = "\(basic.user.formEncoded):\(basic.password.reveal().formEncoded)"
            fields[.authorization] = "Basic \(Array(pair.utf8).base64)"
        }
        return try await send(.post, url, fields, content: Array(form.formEncoded.utf8))
    }

    private func send(
        _ method: HTTPRequest.Method, _ url: String, _ fields: HTTPFields, content: [UInt8]
    ) async throws(ChatError) -> JSONValue {
        guard let target = OutgoingURL(url) else { throw unavailable("its address is not https") }
        var fields = fields
        fields[.accept] = "application/json"
        fields[.userAgent] = "simple-stream/\(ServerVersion.current)"
        let request = HTTPRequest(
            method: method, scheme: target.scheme, authority: target.authority, path: target.path,
            headerFields: fields)
        let options = TransportOptions(
            connectTimeout: .seconds(5), firstByteTimeout: .seconds(10), idleTimeout: .seconds(10),
            maxBodyBytes: Self.bodyLimit, allowsPlainHTTP: target.scheme == "http")
        let answer: (status: Int, body: [UInt8])
        do {
            answer = try await withDeadline(.seconds(20)) {
                try await transport.withResponse(to: request, content: content, options: options) { response, body in
                    (response.status.code, try await body.collect(upTo: Self.bodyLimit))
                }
            }
        } catch {
            throw unavailable("it did not answer")
        }
        // GitHub says what is wrong with a code under 200; others under 400. Neither text is for the user.
        guard (200..<500).contains(answer.status) else { throw unavailable("it answered \(answer.status)") }
        guard (200..<300).contains(answer.status), let value = try? JSONValue(parsing: answer.body) else {
            throw ChatError(.forbidden, "\(name) did not confirm the sign-in.")
        }
        return value
    }

    private func unavailable(_ why: String) -> ChatError {
        ChatError(.providerUnavailable, "\(name) cannot be asked who you are. Try again.", detail: why)
    }
}

/// A URL that may be asked: https, or http on this machine.
struct OutgoingURL: Sendable {
    let scheme: String
    let authority: String
    let path: String

    init?(_ url: String) {
        guard url.utf8.count <= 2000, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://")
        else { return nil }
        let rest = url[colon...].dropFirst(3)
        let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let origin = WebOrigin("\(url[..<colon])://\(host)") else { return nil }
        let isLoopback = ["127.0.0.1", "::1", "localhost"].contains(origin.host)
        guard origin.scheme == "https" || isLoopback, !rest.contains("#") else { return nil }
        let target = rest.dropFirst(host.count)
        scheme = origin.scheme
        authority = String(host)
        path = target.hasPrefix("/") ? String(target) : "/\(target)"
    }
}

extension String {
    /// As a value in a form or a query.
    var formEncoded: String {
        utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + [byte].hex.uppercased()
            }
        }.joined()
    }
}

extension [UInt8] {
    /// Base64 with padding.
    fileprivate var base64: String {
        let text = base64URL.replacing("-", with: "+").replacing("_", with: "/")
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }
}

/// Runs `body` for at most `limit`.
private func withDeadline<R: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> R
) async throws -> R {
    try await withThrowingTaskGroup(of: R.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw CancellationError()
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}

import HTTPTypes
import NIOHTTP1

/// Checks a request head that parsed, before anybody acts on it.
struct RequestGuard: Sendable {
    /// How a request's body ends.
    enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
    }

    let hosts: HostPolicy

    /// - Parameter bodyLimit: the longest body this request may have.
    func check(_ head: HTTPRequestHead, bodyLimit: Int) -> Result<Framing, HTTPRefusal> {
        if let refusal = hostRefusal(head) { return .failure(refusal) }
        if head.headers["origin"].count > 1 { return .failure(.badRequest("There must be one Origin at most.")) }
        if let expectation = head.headers.first(name: "expect"), expectation.lowercased() != "100-continue" {
            return .failure(HTTPRefusal(.expectationFailed, message: "Only 100-continue can be expected."))
        }
        return framing(head, bodyLimit: bodyLimit)
    }

    private func hostRefusal(_ head: HTTPRequestHead) -> HTTPRefusal? {
        let fields = head.headers["host"]
        guard fields.count == 1, let field = fields.first, let host = Authority(field) else {
            return .badRequest("There must be exactly one Host, a name with an optional port.")
        }
        guard hosts.allows(host) else { return .foreignHost }
        if head.uri.hasPrefix("/") { return nil }
        if head.uri == "*" && head.method == .OPTIONS { return nil }
        // The absolute form names the host again, and would win over the field.
        let parts = head.uri.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0].lowercased() == "http:" || parts[0].lowercased() == "https:", parts[1].isEmpty,
            let target = Authority(parts[2])
        else { return .badRequest("The request target must be a path.") }
        return hosts.allows(target) ? nil : .foreignHost
    }

    private func framing(_ head: HTTPRequestHead, bodyLimit: Int) -> Result<Framing, HTTPRefusal> {
        let lengths = head.headers["content-length"]
        let codings = head.headers["transfer-encoding"]
        guard lengths.count + codings.count <= 1 else {
            return .failure(.badRequest("The length of the body must be given once."))
        }
        if let coding = codings.first {
            guard coding.lowercased() == "chunked", head.version != .http1_0 else {
                return .failure(.badRequest("The only transfer coding is chunked."))
            }
            return .success(.chunked)
        }
        guard let text = lengths.first else { return .success(.none) }
        guard !text.isEmpty, text.utf8.allSatisfy({ 48...57 ~= $0 }), let length = Int(text) else {
            return .failure(.badRequest("Content-Length must be a number."))
        }
        guard length <= bodyLimit else { return .failure(.bodyTooLarge) }
        return .success(length == 0 ? .none : .length(length))
    }
}

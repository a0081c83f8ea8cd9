import Foundation
import SimpleStreamKit
import TestSupport

/// A browser as far as a server can tell: it keeps cookies and says where its requests come from.
struct TestBrowser: Sendable {
    let http: TestHTTP
    var cookies: [String: String] = [:]

    init(_ http: TestHTTP) { self.http = http }

    /// What a page of the server's own sends with a request.
    var headers: [String: String] {
        var headers = ["Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:\(http.port)"]
        if !cookies.isEmpty { headers["Cookie"] = cookieHeader }
        return headers
    }

    var cookieHeader: String { cookies.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ") }

    /// The session's token.
    var session: String? { cookies["ss_session"] ?? cookies["__Host-ss_session"] }

    @discardableResult
    mutating func send(
        _ method: String, _ path: String, json: JSONValue? = nil, headers more: [String: String] = [:]
    ) async throws -> TestConnection.Response {
        var headers = headers.merging(more) { $1 }
        var body: [UInt8] = []
        if let json {
            headers["Content-Type"] = "application/json"
            body = json.encoded
        }
        let response = try await http.send(method, path, headers: headers, body: body)
        keepCookies(of: response)
        return response
    }

    @discardableResult
    mutating func get(_ path: String, headers: [String: String] = [:]) async throws -> TestConnection.Response {
        try await send("GET", path, headers: headers)
    }

    /// Follows a link from another site, as a browser that comes back from a provider does.
    mutating func comeBack(_ path: String) async throws -> TestConnection.Response {
        var headers = ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"]
        if !cookies.isEmpty { headers["Cookie"] = cookieHeader }
        let response = try await http.send("GET", path, headers: headers)
        keepCookies(of: response)
        return response
    }

    private mutating func keepCookies(of response: TestConnection.Response) {
        for line in (response.headers["set-cookie"] ?? "").split(separator: "\n") {
            let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            cookies[String(pair[0])] = line.contains("Max-Age=0;") ? nil : String(pair[1])
        }
    }

    /// Opens a socket with the browser's cookies; it has been greeted.
    func withSocket<R: Sendable>(_ body: (inout TestWebSocket) async throws -> R) async throws -> R {
        try await TestWebSocket.connect(to: http.port, headers: headers) { socket in
            _ = try await socket.next("session:ready")
            return try await body(&socket)
        }
    }
}

package import SimpleStreamKit

/// Requests to a server on this machine, one connection each.
package struct TestHTTP: Sendable {
    package let port: Int
    private let prepare: TestConnection.Preparation

    /// - Parameter prepare: see ``TestConnection/connect(to:receiveBuffer:prepare:_:)``.
    package init(port: Int, prepare: @escaping TestConnection.Preparation = { _ in }) {
        self.port = port
        self.prepare = prepare
    }

    /// One request and its whole response.
    @discardableResult
    package func send(
        _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = []
    ) async throws -> TestConnection.Response {
        let head = head(method, path, headers: headers, length: method == "GET" ? nil : body.count)
        return try await TestConnection.connect(to: port, prepare: prepare) { connection in
            try await connection.send(Array(head.utf8) + body)
            return try await connection.readResponse()
        }
    }

    /// A request with a JSON body.
    @discardableResult
    package func send(
        _ method: String, _ path: String, headers: [String: String] = [:], json: JSONValue
    ) async throws -> TestConnection.Response {
        try await send(
            method, path, headers: headers.merging(["Content-Type": "application/json"]) { own, _ in own },
            body: json.encoded)
    }

    @discardableResult
    package func get(_ path: String, headers: [String: String] = [:]) async throws -> TestConnection.Response {
        try await send("GET", path, headers: headers)
    }

    /// Sends a request and reads its answer as server-sent events while `body` runs.
    package func events<R: Sendable>(
        _ method: String = "GET",
        _ path: String,
        headers: [String: String] = [:],
        json: JSONValue? = nil,
        _ body: (inout TestEvents) async throws -> R
    ) async throws -> R {
        var headers = headers
        if json != nil { headers["Content-Type"] = "application/json" }
        let content = json?.encoded ?? []
        let head = head(method, path, headers: headers, length: json == nil ? nil : content.count)
        return try await TestConnection.connect(to: port, prepare: prepare) { connection in
            try await connection.send(Array(head.utf8) + content)
            var events = TestEvents(connection)
            try await events.readHead()
            return try await body(&events)
        }
    }

    private func head(_ method: String, _ path: String, headers: [String: String], length: Int?) -> String {
        var fields = ["Host": "127.0.0.1:\(port)"]
        if let length { fields["Content-Length"] = String(length) }
        fields.merge(headers) { $1 }
        let lines = fields.map { "\($0.key): \($0.value)\r\n" }.joined()
        return "\(method) \(path) HTTP/1.1\r\n\(lines)\r\n"
    }
}

extension TestConnection.Response {
    /// The body as JSON; null when it is none.
    package var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }

    /// The code of an error.
    package var errorCode: String? { json["error"]?["code"]?.string }
}

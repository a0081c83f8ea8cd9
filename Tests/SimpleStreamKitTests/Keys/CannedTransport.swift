import HTTPTypes
import SimpleStreamKit
import Synchronization

/// Answers requests in process, by path, and remembers them.
final class CannedTransport: HTTPTransport {
    struct Answer: Sendable {
        var status: Int
        var headers: [String: String] = [:]
        var body: [UInt8] = []
    }

    struct Sent: Sendable {
        var method: String
        var url: String
        var headers: [String: String]
        var content: [UInt8]
    }

    private let answers: [String: Answer]
    private let failure: ChatError?
    private let log = Mutex<[Sent]>([])

    /// Makes a transport that answers by the path's start; the longest that fits holds.
    init(_ answers: [String: Answer] = [:], failure: ChatError? = nil) {
        self.answers = answers
        self.failure = failure
    }

    var sent: [Sent] { log.withLock { $0 } }

    func withResponse<R>(
        to request: HTTPRequest,
        content: [UInt8],
        options: TransportOptions,
        _ body: (HTTPResponse, HTTPBody) async throws -> sending R
    ) async throws -> sending R {
        var headers: [String: String] = [:]
        for field in request.headerFields { headers[field.name.canonicalName] = field.value }
        let path = request.path ?? ""
        let sent = Sent(
            method: request.method.rawValue, url: "\(request.scheme ?? "")://\(request.authority ?? "")\(path)",
            headers: headers, content: content)
        log.withLock { $0.append(sent) }
        if let failure { throw failure }
        let fitting = answers.filter { path.hasPrefix($0.key) }.max { $0.key.count < $1.key.count }?.value
        let answer = fitting ?? Answer(status: 404)
        var response = HTTPResponse(status: .init(code: answer.status))
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { response.headerFields[name] = value }
        }
        let rest = Mutex<[UInt8]?>(answer.body.isEmpty ? nil : answer.body)
        return try await body(
            response,
            HTTPBody {
                rest.withLock { rest in
                    defer { rest = nil }
                    return rest
                }
            })
    }
}

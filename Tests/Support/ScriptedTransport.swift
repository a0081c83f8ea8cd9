package import HTTPTypes
package import SimpleStreamKit
import Synchronization

/// A transport that answers from a script and remembers what it was asked.
package final class ScriptedTransport: HTTPTransport {
    /// What was sent.
    package struct Exchange: Sendable {
        package var request: HTTPRequest
        package var content: [UInt8]
        package var options: TransportOptions

        /// The request's body.
        package var json: JSONValue? { try? JSONValue(parsing: content) }
    }

    /// What is answered.
    package struct Reply: Sendable {
        package var status = 200
        package var headers: [String: String] = [:]
        package var chunks: [[UInt8]] = []
        /// Thrown behind the chunks instead of their end.
        package var failure: ChatError?

        package init(
            status: Int = 200,
            headers: [String: String] = [:],
            chunks: [[UInt8]] = [],
            failure: ChatError? = nil
        ) {
            self.status = status
            self.headers = headers
            self.chunks = chunks
            self.failure = failure
        }

        /// A reply that comes at once.
        package init(status: Int = 200, headers: [String: String] = [:], _ text: String) {
            self.init(status: status, headers: headers, chunks: text.isEmpty ? [] : [Array(text.utf8)])
        }
    }

    private struct State {
        var replies: [Reply]
        var exchanges: [Exchange] = []
        var unread = 0
    }

    private let state: Mutex<State>

    /// Makes a transport that gives `replies` in turn.
    package init(_ replies: Reply...) { state = Mutex(State(replies: replies)) }

    /// All that was asked.
    package var exchanges: [Exchange] { state.withLock(\.exchanges) }

    /// How many chunks nobody pulled.
    package var unreadChunks: Int { state.withLock(\.unread) }

    package func withResponse<R>(
        to request: HTTPRequest,
        content: [UInt8],
        options: TransportOptions,
        _ body: (HTTPResponse, HTTPBody) async throws -> sending R
    ) async throws -> sending R {
        let reply = try state.withLock { state throws(ChatError) in
            state.exchanges.append(Exchange(request: request, content: content, options: options))
            guard !state.replies.isEmpty else { throw ChatError(.providerUnavailable, "The script is over.") }
            return state.replies.removeFirst()
        }
        if reply.chunks.isEmpty, reply.status == 0, let failure = reply.failure { throw failure }
        var response = HTTPResponse(status: HTTPResponse.Status(code: reply.status))
        for (name, value) in reply.headers {
            if let name = HTTPField.Name(name) { response.headerFields[name] = value }
        }
        var rest = reply.chunks[...]
        defer { state.withLock { $0.unread += rest.count } }
        return try await body(
            response,
            HTTPBody { () throws(ChatError) in
                if let chunk = rest.popFirst() { return chunk }
                if let failure = reply.failure { throw failure }
                return nil
            })
    }
}

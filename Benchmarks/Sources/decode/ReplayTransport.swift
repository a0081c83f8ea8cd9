import HTTPTypes
import SimpleStreamKit

/// Answers every request with the same bytes, in pieces.
struct ReplayTransport: HTTPTransport {
    let bytes: [UInt8]
    let pieceSize: Int

    func withResponse<R>(
        to request: HTTPRequest,
        content: [UInt8],
        options: TransportOptions,
        _ body: (HTTPResponse, HTTPBody) async throws -> sending R
    ) async throws -> sending R {
        var offset = 0
        let response = HTTPResponse(status: .ok, headerFields: [.contentType: "text/event-stream"])
        return try await body(
            response,
            HTTPBody {
                guard offset < bytes.count else { return nil }
                let end = min(offset + pieceSize, bytes.count)
                defer { offset = end }
                return Array(bytes[offset..<end])
            })
    }
}

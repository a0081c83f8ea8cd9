import Crypto
import HTTPTypes
import Hummingbird
import NIOCore
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The web app's files, read once: a request's path is looked up among them and never reaches the file system.
struct WebFiles: Sendable {
    private struct File: Sendable {
        let bytes: ByteBuffer
        let type: String
        let tag: String
    }

    private let files: [String: File]

    /// Reads all files below a directory.
    init(directory: String) throws {
        var files: [String: File] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            guard let type = Self.types[path.split(separator: ".").last.map(String.init) ?? ""] else { continue }
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(path)"))
            let tag = "\"\(Array(SHA256.hash(data: bytes).prefix(16)).hex)\""
            files["/" + path] = File(bytes: ByteBuffer(bytes: bytes), type: type, tag: tag)
        }
        self.files = files
    }

    /// No other file is served: what has no entry here is no part of a web app.
    private static let types = [
        "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
        "svg": "image/svg+xml", "png": "image/png", "ico": "image/x-icon", "webp": "image/webp",
        "woff2": "font/woff2", "json": "application/json", "webmanifest": "application/manifest+json",
        "txt": "text/plain; charset=utf-8",
    ]

    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
        connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """

    /// The file at a path, as it stands in the request; nil when there is none.
    func response(to request: Request) -> Response? {
        guard request.method == .get || request.method == .head else { return nil }
        guard let file = file(at: request.uri.path) else { return nil }
        var headers: HTTPFields = [
            .contentType: file.type, .eTag: file.tag, .cacheControl: "no-cache", .contentSecurityPolicy: Self.policy,
        ]
        // What somebody shared is for those who have the link.
        if request.uri.path.hasPrefix("/shared/") { headers[.xRobotsTag] = "noindex" }
        if EntityTag.isNamed(file.tag, in: request.headers[.ifNoneMatch]) {
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.bytes))
    }

    /// Whether there is something to see at a path.
    func hasFile(at path: String) -> Bool { file(at: path) != nil }

    private func file(at path: String) -> File? {
        if ["/", "/sign-in", "/device", "/account"].contains(path) { return files["/index.html"] }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        // The page finds the conversation, or the link's token, in its address.
        if parts.count == 2, parts[0] == "chat" || parts[0] == "shared", parts[1].utf8.allSatisfy(Self.isIDByte),
            !parts[1].isEmpty
        {
            return files["/index.html"]
        }
        return files[path]
    }

    private static func isIDByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Serves the web app where no endpoint is.
struct WebFilesMiddleware: RouterMiddleware {
    typealias Context = APIContext

    let files: WebFiles

    @concurrent func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            guard let response = files.response(to: request) else { throw error }
            return response
        }
    }
}

import HTTPTypes
import Hummingbird

/// Tells whoever asks a known path with a method it does not have which methods it has.
struct WrongMethodMiddleware: RouterMiddleware {
    typealias Context = APIContext

    /// A path's parts, and what it can be asked with. A part in braces is any.
    private struct Route: Sendable {
        let parts: [Substring]
        let method: HTTPRequest.Method

        func matches(_ path: [Substring]) -> Bool {
            parts.count == path.count && zip(parts, path).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }
    }

    private let routes: [Route]
    private let files: WebFiles

    init(endpoints: [Endpoint], files: WebFiles) {
        let known = endpoints.map { ($0.path, $0.method) } + [(API.descriptionPath, .get)]
        routes = known.map { Route(parts: $0.split(separator: "/"), method: $1) }
        self.files = files
    }

    @concurrent func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let methods = methods(at: request.uri.path)
            guard !methods.isEmpty, !methods.contains(request.method.rawValue) else { throw error }
            let list = methods.sorted().joined(separator: ", ")
            throw HTTPRefusal(.methodNotAllowed, message: "This takes \(list).", headers: [.allow: list])
        }
    }

    /// Empty for a path that nothing is at.
    private func methods(at path: String) -> Set<String> {
        let parts = path.split(separator: "/")
        var methods = Set(routes.lazy.filter { $0.matches(parts) }.map(\.method.rawValue))
        if files.hasFile(at: path) { methods.insert("GET") }
        if methods.contains("GET") { methods.insert("HEAD") }
        return methods
    }
}

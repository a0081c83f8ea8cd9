import HTTPTypes
import Hummingbird
import SimpleStreamKit

/// One endpoint: what it does and how the API's description shows it. There is no other list of either.
struct Endpoint: Sendable {
    /// A value in the query, the path or a header.
    struct Parameter: Sendable {
        var name: String
        var place = "query"
        var schema: JSONValue
        var text: String
    }

    /// What a body or a response holds.
    enum Content: Sendable {
        case none
        /// JSON of a named schema.
        case json(String)
        /// A page of a named schema.
        case list(String)
        /// Events, one JSON object each.
        case events
        /// Bytes of any type.
        case bytes
        /// Another place to go.
        case redirect
    }

    /// What a caller must have.
    enum Needs: Sendable, Hashable {
        /// Nothing, and nobody is asked who they are.
        case nobody
        /// Nothing: anybody may call, and who they are makes a difference.
        case nothing
        /// A credential with that scope.
        case scope(AccessScope)
        /// A browser's session; tokens will not do.
        case browser
        /// A browser's session whose user proved a short while ago who they are.
        case recentSignIn
    }

    var method: HTTPRequest.Method
    /// With names of its variable parts in braces.
    var path: String
    var summary: String
    var parameters: [Parameter] = []
    var body = Content.none
    var answer: Content
    /// What it answers with when all is well and there is something to say.
    var statuses: [Int]
    var needs: Needs
    /// Whether a link on another site may lead here, as a provider's page does when a user has signed in.
    var isLinkedFromElsewhere: Bool
    /// Whether it counts against the rates of its user and address.
    var isCounted: Bool { !["/health", "/ready", "/metrics"].contains(path) }
    /// Whether it takes access away: signing out must not have to wait for counters that are out of reach.
    var endsAccess: Bool {
        path == "/api/auth/sign-out" || method == .delete && ["/api/tokens/{id}", "/api/account"].contains(path)
    }
    var handle: @Sendable (APIRequest) async throws -> Response

    /// Makes an endpoint.
    ///
    /// - Parameter needs: nil is `read` for what only reads, `chat` for everything else.
    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ summary: String,
        parameters: [Parameter] = [],
        body: Content = .none,
        answer: Content,
        statuses: [Int] = [200],
        needs: Needs? = nil,
        isLinkedFromElsewhere: Bool = false,
        _ handle: @escaping @Sendable (APIRequest) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        self.parameters = parameters
        self.body = body
        self.answer = answer
        self.statuses = statuses
        self.needs = needs ?? .scope(method == .get ? .read : .chat)
        self.isLinkedFromElsewhere = isLinkedFromElsewhere
        self.handle = handle
    }
}

extension Endpoint.Parameter {
    static func query(_ name: String, _ schema: JSONValue = ["type": "string"], _ text: String) -> Self {
        Self(name: name, schema: schema, text: text)
    }

    static func header(_ name: String, _ text: String) -> Self {
        Self(name: name, place: "header", schema: ["type": "string"], text: text)
    }

    /// The parameters of every list.
    static let page = [
        query("limit", ["type": "integer", "minimum": 1, "maximum": 200], "How many at most."),
        query("cursor", "What the page before gave as nextCursor."),
    ]

    private static func query(_ name: String, _ text: String) -> Self { query(name, ["type": "string"], text) }
}

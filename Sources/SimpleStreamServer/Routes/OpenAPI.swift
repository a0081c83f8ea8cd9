import HTTPTypes
import SimpleStreamKit

/// The API's description, made of the endpoints themselves.
struct OpenAPI {
    private let endpoints: [Endpoint]

    init(_ endpoints: [Endpoint]) { self.endpoints = endpoints }

    var document: JSONValue {
        var paths = JSONObject()
        for endpoint in endpoints {
            var item = paths[endpoint.path] ?? .object(JSONObject())
            item[endpoint.method.rawValue.lowercased()] = operation(endpoint)
            paths[endpoint.path] = item
        }
        paths["/openapi.json"] = [
            "get": [
                "summary": "This description.", "operationId": "getOpenapiJson",
                "responses": [
                    "200": [
                        "description": "Done.",
                        "content": ["application/json": ["schema": Self.reference("Document")]],
                    ]
                ],
            ]
        ]
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Simple Stream", "version": .string(ServerVersion.current),
                "description": "Durable AI chat. A WebSocket at /ws carries the same events as the event streams here.",
            ],
            "paths": .object(paths),
            "components": [
                "schemas": Self.schemas,
                "securitySchemes": [
                    "session": ["type": "apiKey", "in": "cookie", "name": "ss_session"],
                    "token": ["type": "http", "scheme": "bearer"],
                ],
            ],
        ]
    }

    private func operation(_ endpoint: Endpoint) -> JSONValue {
        var operation: JSONValue = [
            "summary": .string(endpoint.summary), "operationId": .string(Self.operationID(of: endpoint)),
        ]
        let parameters = Self.pathParameters(of: endpoint) + endpoint.parameters.map(Self.parameter)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let content = content(endpoint.body) { operation["requestBody"] = ["required": true, "content": content] }
        operation["security"] = Self.security(endpoint.needs)
        var responses: JSONValue
        if case .redirect = endpoint.answer {
            responses = ["303": ["description": "Another place to go."]]
        } else if let content = content(endpoint.answer) {
            responses = .object(JSONObject())
            for status in endpoint.statuses { responses["\(status)"] = ["description": "Done.", "content": content] }
        } else {
            responses = ["204": ["description": "Done."]]
        }
        responses["default"] = [
            "description": "What went wrong.",
            "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Error"]]],
        ]
        operation["responses"] = responses
        return operation
    }

    private func content(_ content: Endpoint.Content) -> JSONValue? {
        switch content {
        case .none, .redirect: nil
        case .json(let name): ["application/json": ["schema": Self.reference(name)]]
        case .list(let name):
            [
                "application/json": [
                    "schema": [
                        "type": "object", "required": ["items"],
                        "properties": [
                            "items": ["type": "array", "items": Self.reference(name)],
                            "nextCursor": ["type": "string"],
                        ],
                    ]
                ]
            ]
        case .events: ["text/event-stream": ["schema": ["type": "string"]]]
        case .bytes: ["*/*": ["schema": ["type": "string", "format": "binary"]]]
        }
    }

    /// What a caller must have, on a server with accounts.
    private static func security(_ needs: Endpoint.Needs) -> JSONValue {
        switch needs {
        case .nothing, .nobody: []
        case .scope(let scope): [["session": []], ["token": [.string(scope.rawValue)]]]
        case .browser, .recentSignIn: [["session": []]]
        }
    }

    private static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    private static func parameter(_ parameter: Endpoint.Parameter) -> JSONValue {
        [
            "name": .string(parameter.name), "in": .string(parameter.place), "schema": parameter.schema,
            "description": .string(parameter.text),
        ]
    }

    private static func pathParameters(of endpoint: Endpoint) -> [JSONValue] {
        endpoint.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            [
                "name": .string(String(part.dropFirst().dropLast())), "in": "path", "required": true,
                "schema": ["type": "string"],
            ]
        }
    }

    /// Such as `patchApiConversationsId`.
    private static func operationID(of endpoint: Endpoint) -> String {
        endpoint.path.split { !$0.isLetter && !$0.isNumber }.reduce(endpoint.method.rawValue.lowercased()) {
            $0 + $1.prefix(1).uppercased() + $1.dropFirst()
        }
    }
}

/// Tools, schemas and places, alike in both of OpenAI's request shapes.
enum OpenAITools {
    /// A function's name, description and parameters.
    static func function(_ tool: Tool) throws(ChatError) -> JSONValue {
        guard let parameters = try? JSONValue(parsing: tool.parameters), parameters.object != nil else {
            throw ChatError(.invalidRequest, "The parameters of the tool \(tool.name) are not a JSON object.")
        }
        return [
            "name": .string(tool.name), "description": .string(tool.description), "parameters": parameters,
        ]
    }

    /// A schema with its name, strict when it can be.
    static func schema(_ text: String) throws(ChatError) -> JSONValue {
        guard let schema = try? JSONValue(parsing: text), schema.object != nil else {
            throw ChatError(.invalidRequest, "The response schema is not a JSON object.")
        }
        let title = schema["title"]?.string.map(name) ?? ""
        return [
            "name": .string(title.isEmpty ? "answer" : title), "schema": schema,
            "strict": .bool(isStrict(schema)),
        ]
    }

    /// Where the user roughly is; nil when nothing is known.
    static func place(_ location: ApproximateLocation) -> JSONObject? {
        var place = JSONObject()
        place["city"] = location.city.map(JSONValue.string)
        place["region"] = location.region.map(JSONValue.string)
        place["country"] = location.country.map(JSONValue.string)
        place["timezone"] = location.timeZone.map(JSONValue.string)
        return place.isEmpty ? nil : place
    }

    /// At most 64 letters, digits, `_` and `-`.
    private static func name(_ title: String) -> String {
        String(title.prefix(64).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    }

    /// Whether every object in the schema is closed and requires all it lists, as strict mode demands.
    private static func isStrict(_ schema: JSONValue) -> Bool {
        if let list = schema.array { return list.allSatisfy(isStrict) }
        guard let object = schema.object else { return true }
        if schema["type"] == "object" || schema["properties"] != nil {
            guard schema["additionalProperties"] == false else { return false }
            let required = Set(schema["required"]?.array?.compactMap(\.string) ?? [])
            let properties = schema["properties"]?.object?.members.map(\.key) ?? []
            guard properties.allSatisfy(required.contains) else { return false }
        }
        return object.members.allSatisfy { isStrict($0.value) }
    }
}

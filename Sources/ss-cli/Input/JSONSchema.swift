import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A JSON Schema and the part of it that answers are checked against.
///
/// Checked are `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`, the limits of numbers,
/// lengths and counts, `anyOf`, `oneOf`, `allOf`, `not`, and `$ref` within the schema. Anything else is not looked at.
struct JSONSchema: Sendable {
    /// The schema's JSON.
    let text: String
    private let root: JSONValue

    /// How deep references and values are followed.
    private static let maxDepth = 128

    /// Reads a schema.
    ///
    /// - Throws: `CommandFailure` when it is not a JSON object.
    init(text: String, name: String) throws(CommandFailure) {
        do {
            root = try JSONValue(parsing: text)
        } catch {
            throw CommandFailure.usage("--schema: \(name) is \(error).")
        }
        guard root.object != nil else {
            throw CommandFailure.usage("--schema: \(name) is not a JSON object.")
        }
        self.text = text
    }

    /// Reads the schema in a file.
    init(path: String) throws(CommandFailure) {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)),
            let text = String(validating: data, as: UTF8.self)
        else {
            throw CommandFailure.usage("--schema: \(path) cannot be read as text.")
        }
        try self.init(text: text, name: path)
    }

    /// Why `answer` does not satisfy the schema, and where; nil when it does.
    func objection(to answer: String) -> String? {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: answer)
        } catch {
            return "it is \(error)."
        }
        return objection(to: value, root, at: "$", depth: 0).map { "\($0)." }
    }

    private func objection(to value: JSONValue, _ schema: JSONValue, at path: String, depth: Int) -> String? {
        guard depth < Self.maxDepth else { return "\(path) is nested too deeply" }
        if schema.bool == false { return "\(path) is not allowed" }
        guard schema.object != nil else { return nil }
        if let reference = schema["$ref"]?.string {
            guard let target = resolve(reference) else { return nil }
            if let found = objection(to: value, target, at: path, depth: depth + 1) { return found }
        }
        return kindObjection(to: value, schema, at: path)
            ?? limitObjection(to: value, schema, at: path)
            ?? memberObjection(to: value, schema, at: path, depth: depth)
            ?? elementObjection(to: value, schema, at: path, depth: depth)
            ?? choiceObjection(to: value, schema, at: path, depth: depth)
    }

    // MARK: Keywords

    private func kindObjection(to value: JSONValue, _ schema: JSONValue, at path: String) -> String? {
        let types = schema["type"]?.string.map { [$0] } ?? schema["type"]?.array?.compactMap(\.string) ?? []
        guard types.isEmpty || types.contains(where: { value.isOfType($0) }) else {
            return "\(path) is not of type \(types.joined(separator: " or "))"
        }
        if let allowed = schema["enum"]?.array, !allowed.contains(where: { $0.means(value) }) {
            return "\(path) is none of \(JSONValue.array(allowed).text)"
        }
        if let constant = schema["const"], !constant.means(value) { return "\(path) is not \(constant.text)" }
        return nil
    }

    private func limitObjection(to value: JSONValue, _ schema: JSONValue, at path: String) -> String? {
        let count = value.string?.unicodeScalars.count ?? value.array?.count ?? value.object?.count
        let names =
            value.string != nil
            ? ("minLength", "maxLength")
            : value.array != nil ? ("minItems", "maxItems") : ("minProperties", "maxProperties")
        if let count, let least = schema[names.0]?.int, count < least { return "\(path) is shorter than \(least)" }
        if let count, let most = schema[names.1]?.int, count > most { return "\(path) is longer than \(most)" }
        guard let number = value.double else { return nil }
        if let least = schema["minimum"]?.double, number < least { return "\(path) is less than \(least)" }
        if let most = schema["maximum"]?.double, number > most { return "\(path) is more than \(most)" }
        if let low = schema["exclusiveMinimum"]?.double, number <= low { return "\(path) is not more than \(low)" }
        if let high = schema["exclusiveMaximum"]?.double, number >= high { return "\(path) is not less than \(high)" }
        return nil
    }

    private func memberObjection(to value: JSONValue, _ schema: JSONValue, at path: String, depth: Int) -> String? {
        guard let object = value.object else { return nil }
        for name in (schema["required"]?.array ?? []).compactMap(\.string) where object[name] == nil {
            return "\(path).\(name) is missing"
        }
        let known = schema["properties"]
        for member in object.members {
            let rule = known?[member.key] ?? (schema["patternProperties"] == nil ? schema["additionalProperties"] : nil)
            guard let rule else { continue }
            let place = "\(path).\(member.key)"
            if let found = objection(to: member.value, rule, at: place, depth: depth + 1) { return found }
        }
        return nil
    }

    private func elementObjection(to value: JSONValue, _ schema: JSONValue, at path: String, depth: Int) -> String? {
        guard let array = value.array else { return nil }
        let first = schema["prefixItems"]?.array ?? []
        for (index, element) in array.enumerated() {
            guard let rule = first.indices.contains(index) ? first[index] : schema["items"] else { continue }
            if let found = objection(to: element, rule, at: "\(path)[\(index)]", depth: depth + 1) { return found }
        }
        if schema["uniqueItems"]?.bool == true, Set(array).count < array.count { return "\(path) has an item twice" }
        return nil
    }

    private func choiceObjection(to value: JSONValue, _ schema: JSONValue, at path: String, depth: Int) -> String? {
        for rule in schema["allOf"]?.array ?? [] {
            if let found = objection(to: value, rule, at: path, depth: depth + 1) { return found }
        }
        let satisfies = { (rule: JSONValue) in objection(to: value, rule, at: path, depth: depth + 1) == nil }
        if let rules = schema["anyOf"]?.array, !rules.contains(where: satisfies) {
            return "\(path) is none of the alternatives"
        }
        if let rules = schema["oneOf"]?.array, rules.count(where: satisfies) != 1 {
            return "\(path) is not exactly one of the alternatives"
        }
        if let rule = schema["not"], satisfies(rule) { return "\(path) is what it must not be" }
        return nil
    }

    /// What `#/$defs/name` names; nil for what is not in this schema.
    private func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#") else { return nil }
        var place: JSONValue? = root
        for part in reference.dropFirst().split(separator: "/") {
            let key = part.replacing("~1", with: "/").replacing("~0", with: "~")
            place = place.flatMap { value in value[String(key)] ?? Int(key).flatMap { value[$0] } }
        }
        return place
    }
}

extension JSONValue {
    fileprivate func isOfType(_ name: String) -> Bool {
        switch name {
        case "null": isNull
        case "boolean": bool != nil
        case "integer": int != nil || double.map { $0 == $0.rounded() } == true
        case "number": double != nil
        case "string": string != nil
        case "array": array != nil
        case "object": object != nil
        default: true
        }
    }

    /// Whether both are the same value: 1 and 1.0 are.
    fileprivate func means(_ other: JSONValue) -> Bool {
        if let mine = double, let its = other.double { return mine == its }
        return self == other
    }
}

/// Reads the fields of a client's JSON object; whatever is wrong with one is an `invalid_request` that names it.
package struct FieldReader {
    package let object: JSONObject

    package init(_ object: JSONObject) { self.object = object }

    package func string(_ name: String, upTo limit: Int = .max) throws(ChatError) -> String? {
        guard let value = present(name) else { return nil }
        guard let text = value.string else { throw Self.wrong(name, "a text") }
        guard text.count <= limit else { throw Self.wrong(name, "at most \(limit) characters") }
        return text
    }

    package func requiredString(_ name: String, upTo limit: Int = .max) throws(ChatError) -> String {
        guard let text = try string(name, upTo: limit) else { throw Self.wrong(name, "a text; it is missing") }
        return text
    }

    /// A text that is not empty.
    package func requiredID(_ name: String) throws(ChatError) -> String {
        let id = try requiredString(name, upTo: 200)
        guard !id.isEmpty else { throw Self.wrong(name, "an id; it is empty") }
        return id
    }

    /// An id that may be missing, but not empty.
    package func id(_ name: String) throws(ChatError) -> String? {
        guard present(name) != nil else { return nil }
        return try requiredID(name)
    }

    package func int(_ name: String, in range: ClosedRange<Int>) throws(ChatError) -> Int? {
        guard let value = present(name) else { return nil }
        guard let number = value.int, range.contains(number) else {
            throw Self.wrong(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package func double(_ name: String, in range: ClosedRange<Double>) throws(ChatError) -> Double? {
        guard let value = present(name) else { return nil }
        guard let number = value.double, range.contains(number) else {
            throw Self.wrong(name, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package func bool(_ name: String) throws(ChatError) -> Bool? {
        guard let value = present(name) else { return nil }
        guard let flag = value.bool else { throw Self.wrong(name, "true or false") }
        return flag
    }

    package func choice(_ name: String, of allowed: [String]) throws(ChatError) -> String? {
        guard let text = try string(name) else { return nil }
        guard allowed.contains(text) else { throw Self.wrong(name, "one of " + allowed.joined(separator: ", ")) }
        return text
    }

    package func strings(_ name: String, upTo limit: Int) throws(ChatError) -> [String] {
        guard let value = present(name) else { return [] }
        guard let array = value.array, array.count <= limit else {
            throw Self.wrong(name, "a list of at most \(limit) texts")
        }
        var texts: [String] = []
        for element in array {
            guard let text = element.string else { throw Self.wrong(name, "a list of texts") }
            texts.append(text)
        }
        return texts
    }

    package func object(_ name: String) throws(ChatError) -> JSONObject? {
        guard let value = present(name) else { return nil }
        guard let object = value.object else { throw Self.wrong(name, "an object") }
        return object
    }

    package static func wrong(_ name: String, _ accepted: String) -> ChatError {
        ChatError(.invalidRequest, "\(name) must be \(accepted).")
    }

    /// An optional field that is null counts as missing.
    private func present(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }
}

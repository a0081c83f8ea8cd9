/// Builds a call's arguments from pieces that each name their place, such as `$.trip.days[0]`.
struct PartialArguments: Sendable {
    private(set) var value: JSONValue = [:]

    private enum Step: Sendable {
        case key(String)
        case index(Int)
    }

    /// How deep and how far a path may lead; beyond, a piece is ignored.
    private static let maxSteps = 32
    private static let maxIndex = 1_023

    init() {}

    /// Takes one of the `partialArgs`.
    mutating func add(_ piece: JSONView) {
        guard let path = piece["jsonPath"]?.string, let steps = Self.steps(path), !steps.isEmpty else { return }
        let new: JSONValue
        if let text = piece["stringValue"]?.string {
            new = .string(text)
        } else if let number = piece["numberValue"], let parsed = try? number.value() {  // Malformed: ignored.
            new = parsed
        } else if let flag = piece["boolValue"]?.bool {
            new = .bool(flag)
        } else if piece["nullValue"] != nil {
            new = .null
        } else {
            return
        }
        value = Self.set(new, at: steps[...], in: value)
    }

    /// Text is appended to the text that is already there.
    private static func set(_ new: JSONValue, at steps: ArraySlice<Step>, in old: JSONValue?) -> JSONValue {
        guard let step = steps.first else {
            if let begun = old?.string, let more = new.string { return .string(begun + more) }
            return new
        }
        switch step {
        case .key(let key):
            var object: JSONValue = old?.object == nil ? [:] : old ?? [:]
            object[key] = set(new, at: steps.dropFirst(), in: object[key])
            return object
        case .index(let index):
            var array = old?.array ?? []
            while array.count <= index { array.append(.null) }
            array[index] = set(new, at: steps.dropFirst(), in: array[index])
            return .array(array)
        }
    }

    /// The steps of a path of names in dot or bracket form and of indices; nil for anything else.
    private static func steps(_ path: String) -> [Step]? {
        guard path.first == "$" else { return nil }
        var rest = path.dropFirst()
        var steps: [Step] = []
        while let first = rest.first {
            guard steps.count < maxSteps else { return nil }
            rest.removeFirst()
            if first == "." {
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { return nil }
                steps.append(.key(String(name)))
                rest = rest[name.endIndex...]
                continue
            }
            guard first == "[", let end = rest.firstIndex(of: "]") else { return nil }
            let inside = rest[..<end]
            rest = rest[rest.index(after: end)...]
            if let index = Int(inside), (0...maxIndex).contains(index) {
                steps.append(.index(index))
            } else if let quote = inside.first, quote == "'" || quote == "\"", inside.last == quote, inside.count > 2 {
                steps.append(.key(String(inside.dropFirst().dropLast())))
            } else {
                return nil
            }
        }
        return steps
    }
}

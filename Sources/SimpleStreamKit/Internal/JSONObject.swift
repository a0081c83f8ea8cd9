/// The members of a JSON object, in the order they came.
package struct JSONObject: Sendable {
    /// A name and its value.
    package struct Member: Sendable, Hashable {
        package var key: String
        package var value: JSONValue
    }

    package private(set) var members: [Member] = []

    package init() {}

    package var isEmpty: Bool { members.isEmpty }
    package var count: Int { members.count }

    /// Reads, replaces in place, appends, or with nil removes a member.
    package subscript(key: String) -> JSONValue? {
        get { members.first { $0.key == key }?.value }
        set {
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Appends a member whose key is known to be new.
    mutating func appendNew(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
    }

    /// Replaces the value of the member at `index`.
    mutating func replace(at index: Int, with value: JSONValue) { members[index].value = value }
}

extension JSONObject: Hashable {
    /// Order does not matter.
    package static func == (left: JSONObject, right: JSONObject) -> Bool { left.byKey == right.byKey }

    package func hash(into hasher: inout Hasher) { hasher.combine(byKey) }

    private var byKey: [String: JSONValue] {
        Dictionary(members.lazy.map { ($0.key, $0.value) }) { _, last in last }
    }
}

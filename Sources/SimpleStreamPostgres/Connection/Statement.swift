/// SQL text, which is always static, and the values of its parameters.
struct Statement: Sendable {
    let sql: String
    let parameters: [Parameter]
    /// Whether the columns come as the database keeps them, for bytes.
    var hasBinaryResult = false

    init(_ sql: String, _ parameters: [Parameter] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// A value as it is sent.
enum Parameter: Sendable {
    case null
    case text(String)
    case int(Int64)
    case bool(Bool)
    case bytes([UInt8])
    /// `text[]`
    case texts([String?])
    /// `bigint[]`
    case ints([Int64?])

    init(_ text: String?) { self = text.map { .text($0) } ?? .null }
    init(_ number: Int?) { self = number.map { .int(Int64($0)) } ?? .null }
    init(_ number: Int64?) { self = number.map { .int($0) } ?? .null }
    init(_ flag: Bool?) { self = flag.map { .bool($0) } ?? .null }
}

extension Parameter: ExpressibleByStringLiteral {
    init(stringLiteral value: String) { self = .text(value) }
}

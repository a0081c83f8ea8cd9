/// A value as Redis sends it.
enum RedisValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case bool(Bool)
    /// A short text such as `OK`.
    case status(String)
    case error(String)
    case string([UInt8])
    /// Also a map: keys and values in turn.
    case array([RedisValue])
    /// What came without being asked for; RESP3 only.
    case push([RedisValue])

    /// The bytes of a string or a status.
    var bytes: [UInt8]? {
        switch self {
        case .string(let bytes): bytes
        case .status(let text): Array(text.utf8)
        default: nil
        }
    }

    /// The text of a string or a status.
    var text: String? {
        switch self {
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    var elements: [RedisValue]? {
        switch self {
        case .array(let elements), .push(let elements): elements
        default: nil
        }
    }

    /// The value, or what Redis said against it.
    func get() throws(RedisError) -> RedisValue {
        if case .error(let text) = self { throw RedisError(refusal: text) }
        return self
    }
}

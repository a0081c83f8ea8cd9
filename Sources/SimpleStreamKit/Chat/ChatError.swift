/// What went wrong, in the words of the wire protocol.
///
/// Callers branch on ``code``. ``message`` is safe to show to a user: it holds no key, SQL, stack or internal host.
/// What a developer may want to know besides is in ``debugDescription`` only.
public struct ChatError: Error, Sendable {
    /// The kind of failure.
    public var code: Code
    /// One sentence for the user.
    public var message: String
    /// Whether the same request may succeed later.
    public var isRetryable: Bool
    /// How long to wait before trying again, when the other side said so.
    public var retryAfter: Duration?
    /// Bounded, scrubbed detail for developers. Never shown to users.
    public var detail: String?
    /// Where the error was made.
    public let file: String
    /// The line in ``file``.
    public let line: Int

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - isRetryable: nil takes ``Code-swift.struct/isRetryable`` of the code.
    ///   - detail: kept to 2 000 characters.
    public init(
        _ code: Code,
        _ message: String,
        isRetryable: Bool? = nil,
        retryAfter: Duration? = nil,
        detail: String? = nil,
        file: String = #fileID,
        line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable ?? code.isRetryable
        self.retryAfter = retryAfter
        self.detail = detail.map { String($0.prefix(2000)) }
        self.file = file
        self.line = line
    }
}

extension ChatError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { message }

    public var debugDescription: String {
        let detail = detail.map { " (\($0))" } ?? ""
        return "\(code.rawValue): \(message)\(detail) at \(file):\(line)"
    }
}

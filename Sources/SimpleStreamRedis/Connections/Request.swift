import NIOCore

/// Commands that go out together, and what becomes of their replies.
struct Request: Sendable {
    typealias Completion = @Sendable (Result<[RedisValue], RedisError>) -> Void

    /// The commands as they go over the wire.
    let bytes: [UInt8]
    let replyCount: Int
    /// When an answer is of no use any more.
    let deadline: NIODeadline
    /// Called once, on the connection's event loop or the caller's thread.
    let completion: Completion

    init(
        _ commands: [RedisCommand],
        deadline: NIODeadline,
        completion: @escaping Completion = { _ in }
    ) throws(RedisError) {
        var bytes: [UInt8] = []
        for command in commands { try command.encode(into: &bytes) }
        self.bytes = bytes
        replyCount = commands.count
        self.deadline = deadline
        self.completion = completion
    }

    /// Commands whose answers, if any, come as messages of a subscription.
    init(unanswered commands: [RedisCommand]) throws(RedisError) {
        var bytes: [UInt8] = []
        for command in commands { try command.encode(into: &bytes) }
        self.bytes = bytes
        replyCount = 0
        deadline = .distantFuture
        completion = { _ in }
    }
}

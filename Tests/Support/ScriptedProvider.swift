public import SimpleStreamKit
import Synchronization

/// A provider whose replies the test gives piece by piece.
public final class ScriptedProvider: ChatProvider {
    /// One question, and the means to answer it.
    public final class Call: Sendable {
        public let prompt: Prompt
        private let steps: AsyncThrowingStream<[ReplyEvent], any Error>
        private let next: AsyncThrowingStream<[ReplyEvent], any Error>.Continuation
        private let closing = AsyncStream.makeStream(of: Void.self)

        init(_ prompt: Prompt) {
            self.prompt = prompt
            (steps, next) = AsyncThrowingStream.makeStream()
        }

        /// Says something; nobody waits for it.
        public func say(_ events: ReplyEvent...) { next.yield(events) }

        /// Ends the reply well.
        public func finish(_ reason: FinishReason = .stop, usage: TokenUsage? = nil) {
            next.yield((usage.map { [.usage($0)] } ?? []) + [.finished(reason)])
            next.finish()
        }

        public func fail(_ error: any Error) { next.finish(throwing: error) }

        /// Cuts the reply off without an end.
        public func end() { next.finish() }

        /// Returns when the engine has let go of the reply.
        public func closed() async {
            for await _ in closing.stream {}
        }

        fileprivate func run<R>(_ body: (ReplyEvents) async throws -> sending R) async throws -> sending R {
            defer { closing.continuation.finish() }
            return try await body(
                ReplyEvents(batches: { [steps] in
                    var iterator = steps.makeAsyncIterator()
                    let batch = try await iterator.next()
                    // A cancelled stream ends as if nothing were wrong.
                    try Task.checkCancellation()
                    return batch
                }))
        }
    }

    public let name: String
    private let calls = AsyncStream.makeStream(of: Call.self)
    private let count = Mutex(0)

    public init(_ name: String = "scripted") { self.name = name }

    /// How often it was asked.
    public var callCount: Int { count.withLock { $0 } }

    /// The next question, waiting for it.
    public func nextCall() async throws -> Call {
        var iterator = calls.stream.makeAsyncIterator()
        guard let call = await iterator.next() else { throw CancellationError() }
        return call
    }

    public func withReply<R>(
        to prompt: Prompt,
        using credential: Credential,
        _ body: (ReplyEvents) async throws -> sending R
    ) async throws -> sending R {
        let call = Call(prompt)
        count.withLock { $0 += 1 }
        calls.continuation.yield(call)
        return try await call.run(body)
    }

    public func verdict(on credential: Credential) async -> KeyVerdict { KeyVerdict(.valid, "A script takes any key.") }

    public func models(for credential: Credential) async throws(ChatError) -> [Model] {
        [Model(id: "script-1", provider: name)]
    }
}

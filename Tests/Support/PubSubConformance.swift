public import SimpleStreamKit

/// The rules of every ``PubSub``.
public enum PubSubConformance {
    public struct Check: Sendable, CustomStringConvertible {
        public let description: String
        let body: @Sendable (any PubSub) async throws -> Void

        /// Runs the check.
        ///
        /// Throws ``ConformanceFailure``.
        public func run(_ pubSub: any PubSub) async throws { try await body(pubSub) }
    }

    public static let checks = [
        Check(description: "frames of a publisher come in their order, to everyone") { pubSub in
            let channel = UUIDv7.make()
            let readers = (0..<3).map { _ in Reader(channel, of: pubSub) }
            for start in stride(from: 1, to: 100, by: 3) {
                pubSub.publish((start..<start + 3).map { RunLogConformance.frame(channel, $0) }, to: channel)
            }
            for reader in readers { try requireEqual(await reader.next(99), Array(1...99)) }
        },
        Check(description: "a channel's frames go nowhere else") { pubSub in
            let (mine, other) = (UUIDv7.make(), UUIDv7.make())
            let reader = Reader(mine, of: pubSub)
            pubSub.publish([RunLogConformance.frame(other, 1)], to: other)
            pubSub.publish([RunLogConformance.frame(mine, 2)], to: mine)
            try requireEqual(await reader.next(1), [2])
        },
        Check(description: "what was published before is not received") { pubSub in
            let channel = UUIDv7.make()
            pubSub.publish([RunLogConformance.frame(channel, 1)], to: channel)
            let reader = Reader(channel, of: pubSub)
            pubSub.publish([RunLogConformance.frame(channel, 2)], to: channel)
            try requireEqual(await reader.next(1), [2])
        },
        Check(description: "a cancelled or released subscription receives nothing") { pubSub in
            let channel = UUIDv7.make()
            let cancelled = Reader(channel, of: pubSub)
            let released = Reader(channel, of: pubSub)
            let stays = Reader(channel, of: pubSub)
            cancelled.subscription?.cancel()
            cancelled.subscription?.cancel()
            released.subscription = nil
            pubSub.publish([RunLogConformance.frame(channel, 1)], to: channel)
            try requireEqual(await stays.next(1), [1])
            cancelled.end()
            released.end()
            try requireEqual(await cancelled.next(1), [])
            try requireEqual(await released.next(1), [])
        },
        Check(description: "many publish and subscribe at once") { pubSub in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let channel = UUIDv7.make()
                        let reader = Reader(channel, of: pubSub)
                        for seq in 1...20 { pubSub.publish([RunLogConformance.frame(channel, seq)], to: channel) }
                        try requireEqual(await reader.next(20), Array(1...20))
                    }
                }
                try await group.waitForAll()
            }
        },
    ]

    /// Collects what one subscription receives.
    private final class Reader {
        var subscription: Subscription?
        private let frames: AsyncStream<Int>
        private let continuation: AsyncStream<Int>.Continuation

        init(_ channel: String, of pubSub: any PubSub) {
            let (frames, continuation) = AsyncStream.makeStream(of: Int.self)
            self.frames = frames
            self.continuation = continuation
            subscription = pubSub.subscribe(to: channel) { received in
                for frame in received { continuation.yield(frame.seq) }
            }
        }

        /// The next numbers, fewer when it has ended.
        func next(_ count: Int) async -> [Int] {
            var numbers: [Int] = []
            for await number in frames {
                numbers.append(number)
                if numbers.count == count { break }
            }
            return numbers
        }

        func end() { continuation.finish() }
    }
}

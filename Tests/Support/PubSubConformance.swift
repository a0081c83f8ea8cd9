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
        Check(description: "frames are handed over once they are logged, or could not be") { pubSub in
            struct Refusal: Error {}
            let log = InProcessRunLog()
            let channel = UUIDv7.make()
            let reader = Reader(channel, of: pubSub)
            for seq in 1...3 {
                let frames = [RunLogConformance.frame(channel, seq)]
                do {
                    try await pubSub.publish(frames, to: channel, loggedIn: log, of: channel) { logged in
                        try logged.get()
                        try requireEqual(await log.frames(of: channel, after: seq - 1), frames)
                        if seq == 2 { throw Refusal() }
                    }
                } catch is Refusal {
                    continue
                }
            }
            try requireEqual(await reader.next(2), [1, 3])
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

    public struct PairCheck: Sendable, CustomStringConvertible {
        public let description: String
        let body: @Sendable (_ here: any PubSub, _ there: any PubSub) async throws -> Void

        /// Runs the check on the pub/sub of two nodes.
        ///
        /// Throws ``ConformanceFailure``.
        public func run(_ here: any PubSub, _ there: any PubSub) async throws { try await body(here, there) }
    }

    /// The rules of a ``PubSub`` that connects nodes.
    public static let betweenNodes = [
        PairCheck(description: "what one node publishes the other receives in order, once") { here, there in
            let channel = UUIDv7.make()
            let readers = [Reader(channel, of: here), Reader(channel, of: there), Reader(channel, of: there)]
            for reader in readers { await reader.subscription?.active() }
            for start in stride(from: 1, to: 300, by: 3) {
                here.publish((start..<start + 3).map { RunLogConformance.frame(channel, $0) }, to: channel)
            }
            for reader in readers { try requireEqual(await reader.next(300), Array(1...300)) }
            // Had anything come twice, it would have come before this.
            there.publish([RunLogConformance.frame(channel, 301)], to: channel)
            for reader in readers { try requireEqual(await reader.next(1), [301]) }
        },
        PairCheck(description: "frames come whole") { here, there in
            let channel = UUIDv7.make()
            let (received, continuation) = AsyncStream.makeStream(of: [Frame].self)
            let subscription = there.subscribe(to: channel) { continuation.yield($0) }
            await subscription.active()
            let json = Array(#"{"type":"ai_chat_chunk","chunk":"a\"é","done":false,"seq":1}"#.utf8)
            let frames = [
                Frame(kind: .text, messageID: channel, fromSeq: 1, seq: 1, json: json, delta: 33..<38),
                RunLogConformance.frame(channel, 2),
                Frame(kind: .terminal, messageID: channel, fromSeq: 3, seq: 3, json: Array("{}".utf8)),
                Frame(kind: .notice, messageID: "", fromSeq: 0, seq: 0, json: Array("{}".utf8), senderID: "me"),
            ]
            here.publish(frames, to: channel)
            try requireEqual(await received.first { _ in true }, frames)
        },
        PairCheck(description: "subscriptions come and go") { here, there in
            let channel = UUIDv7.make()
            for round in 1...20 {
                let first = Reader(channel, of: there)
                let second = Reader(channel, of: there)
                await first.subscription?.active()
                here.publish([RunLogConformance.frame(channel, round)], to: channel)
                try requireEqual(await first.next(1), [round])
                first.subscription = nil
                // The other one keeps the channel.
                here.publish([RunLogConformance.frame(channel, round + 100)], to: channel)
                try requireEqual(await second.next(2), [round, round + 100])
            }
        },
        PairCheck(description: "nodes that answer each other see the same order") { here, there in
            let (ping, pong) = (UUIDv7.make(), UUIDv7.make())
            let answering = there.subscribe(to: ping) { there.publish($0, to: pong) }
            let reader = Reader(pong, of: here)
            await answering.active()
            await reader.subscription?.active()
            for seq in 1...100 { here.publish([RunLogConformance.frame(ping, seq)], to: ping) }
            try requireEqual(await reader.next(100), Array(1...100))
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

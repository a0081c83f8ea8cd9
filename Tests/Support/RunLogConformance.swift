public import SimpleStreamKit

/// The rules of every ``RunLog``, each on an empty one.
public enum RunLogConformance {
    public struct Check: Sendable, CustomStringConvertible {
        public let description: String
        let body: @Sendable (any RunLog) async throws -> Void

        /// Runs the check.
        ///
        /// Throws ``ConformanceFailure``.
        public func run(_ log: any RunLog) async throws { try await body(log) }
    }

    public static let checks = [
        Check(description: "a reader goes on after any number") { log in
            let run = UUIDv7.make()
            for batch in [1...1, 2...4, 5...10] { try await log.append(batch.map { frame(run, $0) }, to: run) }
            for seq in 0...10 {
                let frames = try unwrap(await log.frames(of: run, after: seq))
                try requireEqual(frames.map(\.seq), Array((1...10).dropFirst(seq)))
                try require(frames.allSatisfy { $0 == frame(run, $0.seq) }, "a frame changed")
            }
        },
        Check(description: "a number beyond the end is not known") { log in
            let run = UUIDv7.make()
            try await log.append([frame(run, 1)], to: run)
            try requireEqual(await log.frames(of: run, after: 1), [])
            try require(await log.frames(of: run, after: 2) == nil, "frames after a number that was never given")
        },
        Check(description: "a run nobody wrote is not known") { log in
            try require(await log.frames(of: UUIDv7.make(), after: 0) == nil, "frames of no run")
        },
        Check(description: "a joined frame is found by each number it covers") { log in
            let run = UUIDv7.make()
            try await log.append([frame(run, 1), frame(run, 4, from: 2), frame(run, 5)], to: run)
            for seq in 1...3 { try requireEqual(await log.frames(of: run, after: seq)?.map(\.seq), [4, 5]) }
        },
        Check(description: "runs are kept apart") { log in
            let runs = (0..<20).map { _ in UUIDv7.make() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for run in runs {
                    group.addTask { for seq in 1...50 { try await log.append([frame(run, seq)], to: run) } }
                }
                try await group.waitForAll()
            }
            for run in runs {
                let frames = try unwrap(await log.frames(of: run, after: 0))
                try requireEqual(frames.map(\.seq), Array(1...50))
                try require(frames.allSatisfy { $0.messageID == run }, "a frame of another run")
            }
        },
        Check(description: "a closed log takes nothing more and can be read") { log in
            let (used, new) = (UUIDv7.make(), UUIDv7.make())
            try await log.append([frame(used, 1), frame(used, 2)], to: used)
            for run in [used, new] {
                try await log.close(run)
                try await log.close(run)
                for numbers in [1...1, 3...3, 3...5] {
                    var code: ChatError.Code?
                    do throws(ChatError) {
                        try await log.append(numbers.map { frame(run, $0) }, to: run)
                    } catch {
                        code = error.code
                    }
                    try requireEqual(code, .interrupted)
                }
            }
            try requireEqual(await log.frames(of: used, after: 0)?.map(\.seq), [1, 2])
            try requireEqual(await log.frames(of: used, after: 2), [])
            try require(await log.frames(of: new, after: 0) == nil, "frames of a run nobody wrote")
            await log.expire(used, after: .zero)
            try require(await log.frames(of: used, after: 0) == nil, "frames of a forgotten run")
        },
        Check(description: "an expired run is forgotten, others stay") { log in
            let (ended, running) = (UUIDv7.make(), UUIDv7.make())
            for run in [ended, running] { try await log.append([frame(run, 1)], to: run) }
            await log.expire(ended, after: .zero)
            await log.expire(running, after: .seconds(3600))
            try require(await log.frames(of: ended, after: 0) == nil, "frames of a forgotten run")
            try requireEqual(await log.frames(of: running, after: 0)?.count, 1)
        },
    ]

    package static func frame(_ run: String, _ seq: Int, from: Int? = nil) -> Frame {
        let json = Array(
            #"{"type":"ai_chat_chunk","messageId":"\#(run)","chunk":"é\#(seq)","done":false,"seq":\#(seq)}"#.utf8)
        return Frame(kind: .event, messageID: run, fromSeq: from ?? seq, seq: seq, json: json)
    }
}

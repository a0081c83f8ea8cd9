import Foundation
import SimpleStreamKit

extension StoreConformance {
    static let attachmentChecks: [Check] = [
        Check("a user's files come to so much") { bench in
            let store = bench.store
            let limit = 30_000
            let large = try await bench.attachment(size: 20_000, limit: limit)
            let small = try await bench.attachment(size: 0, limit: limit)
            try requireEqual(await store.storedBytes(of: bench.user), 24_096)
            try await refused(bench, size: 5_905, limit: limit)
            try requireEqual(await store.attachments(of: bench.user, after: nil, limit: 9).map(\.id), [large, small])
            _ = try await bench.attachment(size: 5_904, limit: limit)
            try requireEqual(await store.storedBytes(of: bench.user), limit)
            try await refused(bench, size: 1, limit: limit)
            // Others have room of their own, and what has no limit counts all the same.
            _ = try await bench.attachment(user: bench.stranger, size: 30_000, limit: limit)
            _ = try await bench.attachment(size: 10_000)
            try requireEqual(await store.storedBytes(of: bench.user), 40_000)
            try await refused(bench, size: 1, limit: limit)
            try require(await store.deleteAttachment(large, of: bench.user))
            _ = try await bench.attachment(size: 10_000, limit: limit)
            try requireEqual(await store.storedBytes(of: bench.user), limit)
            try requireEqual(await store.storedBytes(of: UUIDv7.make()), 0)
        },
        Check("files of messages count until their conversation goes") { bench in
            let store = bench.store
            let sent = try await bench.attachment(size: 8_000, limit: 10_000)
            let turn = try await bench.begin(bench.start(.newConversation(title: "A"), attachments: [sent]))
            try await refused(bench, limit: 10_000)
            _ = try await store.deleteConversation(turn.conversation.id, of: bench.user)
            try requireEqual(await store.storedBytes(of: bench.user), 0)
            _ = try await bench.attachment(size: 10_000, limit: 10_000)
        },
        Check("what a guest has stored counts for the user they become, and is never refused then") { bench in
            let store = bench.store
            let guest = try await added("G", kind: .guest, to: bench)
            let ann = try await added("Ann", to: bench)
            _ = try await bench.attachment(user: guest.id, size: 8_000, limit: 10_000)
            _ = try await bench.attachment(user: ann.id, size: 9_000, limit: 10_000)
            try require(await store.mergeGuest(guest.id, into: ann.id, keys: []))
            try requireEqual(await store.storedBytes(of: ann.id), 17_000)
            try await refused(bench, user: ann.id, limit: 10_000)
        },
        Check("one file counts between bounds") { bench in
            _ = try await bench.attachment(size: .max)
            _ = try await bench.attachment(size: .max)
            try requireEqual(await bench.store.storedBytes(of: bench.user), 2 << 40)
            try await refused(bench, size: .max, limit: 2 << 40)
            _ = try await bench.attachment(size: .max, limit: .max)
        },
        Check("of many files at once as many are saved as fit") { bench in
            var saved = 0
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<24 { group.addTask { try await fits(bench, size: 10_000, limit: 75_000) ? 1 : 0 } }
                for try await one in group { saved += one }
            }
            try requireEqual(saved, 7)
            try requireEqual(await bench.store.storedBytes(of: bench.user), 70_000)
        },
        Check("files that no message holds go when they are old") { bench in
            let store = bench.store
            let day = Duration.seconds(86_400)
            let first = try await bench.attachment()
            let sent = try await bench.attachment()
            let turn = try await bench.begin(bench.start(.newConversation(title: "A"), attachments: [sent]))
            bench.clock.advance(milliseconds: 1)
            let second = try await bench.attachment(user: bench.stranger)
            bench.clock.advance(milliseconds: 1)
            let third = try await bench.attachment()
            bench.clock.advance(milliseconds: 86_399_997)
            try requireEqual(await store.deleteUnsentAttachments(olderThan: day, limit: 9), [])
            bench.clock.advance(milliseconds: 2)
            try requireEqual(await store.deleteUnsentAttachments(olderThan: day, limit: 1), [first])
            try requireEqual(await store.deleteUnsentAttachments(olderThan: day, limit: 9), [second])
            try requireEqual(await store.deleteUnsentAttachments(olderThan: day, limit: 9), [])
            try requireEqual(await store.attachments(of: bench.stranger, after: nil, limit: 9), [])
            let kept = try await store.attachments(of: bench.user, after: nil, limit: 9)
            try requireEqual(kept.map(\.id), [sent, third])
            try requireEqual(await store.storedBytes(of: bench.user), 8_192)
            // What is gone cannot be sent.
            let late = bench.start(.activeBranch(turn.conversation.id), attachments: [first])
            try requireEqual(await store.beginRun(late).summary, "notFound attachment")
        },
        Check("a file that is sent while it is swept is either sent or gone") { bench in
            try await sendAndSweep(bench)
        },
    ]

    private static func fits(_ bench: StoreBench, size: Int, limit: Int) async throws -> Bool {
        do {
            _ = try await bench.attachment(size: size, limit: limit)
            return true
        } catch let error as ChatError where error.code == .payloadTooLarge {
            return false
        }
    }

    private static func refused(_ bench: StoreBench, size: Int = 1, user: String? = nil, limit: Int) async throws {
        let code = try await bench.code { _ = try await bench.attachment(user: user, size: size, limit: limit) }
        try requireEqual(code, .payloadTooLarge)
    }

    /// Sends files, one in each message, while others are swept.
    private static func sendAndSweep(_ bench: StoreBench) async throws {
        let store = bench.store
        var ids: [String] = []
        for _ in 0..<16 { ids.append(try await bench.attachment()) }
        bench.clock.advance(milliseconds: 1000)
        var sent: Set<String> = []
        var gone: [String] = []
        try await withThrowingTaskGroup(of: (sent: String?, gone: [String]).self) { group in
            for (index, id) in ids.enumerated() {
                let start = bench.start(.newConversation(title: "A"), attachments: [id])
                group.addTask { (try await store.beginRun(start).summary == "begun" ? id : nil, []) }
                guard index.isMultiple(of: 4) else { continue }
                group.addTask { (nil, try await store.deleteUnsentAttachments(olderThan: .seconds(1), limit: 3)) }
            }
            for try await result in group {
                if let id = result.sent { sent.insert(id) }
                gone += result.gone
            }
        }
        try requireEqual(Set(gone).count, gone.count)
        try require(sent.isDisjoint(with: gone))
        try requireEqual(sent.union(gone), Set(ids))
        let left = try await store.attachments(ids, of: bench.user).map(\.id)
        try requireEqual(Set(left), sent)
    }
}

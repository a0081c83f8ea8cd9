import Foundation
import SimpleStreamKit

extension StoreConformance {
    static let conversationChecks: [Check] = [
        Check("the newest activity comes first") { bench in
            var ids: [String] = []
            for _ in 0..<3 {
                ids.append(try await bench.turn().conversation.id)
                bench.clock.advance(milliseconds: 1)
            }
            try requireEqual(await list(bench, limit: 10), ids.reversed())
            let again = try await bench.begin(bench.start(.activeBranch(ids[0])))
            try requireEqual(await list(bench, limit: 10), [ids[0], ids[2], ids[1]])
            bench.clock.advance(milliseconds: 1)
            _ = try await bench.store.updateConversation(ids[1], of: bench.user, title: "New", activeLeafID: nil)
            try requireEqual(await list(bench, limit: 10), [ids[0], ids[2], ids[1]])
            _ = try await bench.turn()
            bench.clock.advance(milliseconds: 1)
            try require(await bench.finish(again))
            try requireEqual(await list(bench, limit: 1).first, ids[0])
            try requireEqual(
                await bench.store.conversations(of: bench.stranger, matching: nil, after: nil, limit: 9).items, [])
        },
        Check("pages join without gap or repeat, also at one time") { bench in
            var made: Set<String> = []
            for index in 0..<23 {
                if index % 5 == 0 { bench.clock.advance(milliseconds: 1) }
                made.insert(try await bench.turn().conversation.id)
            }
            let whole = try await list(bench, limit: 200)
            try requireEqual(Set(whole), made)
            for limit in [1, 4, 22, 23] { try requireEqual(await list(bench, limit: limit), whole) }
        },
        Check("pages hold while others write") { bench in
            var made: Set<String> = []
            for _ in 0..<20 {
                made.insert(try await bench.turn().conversation.id)
                bench.clock.advance(milliseconds: 1)
            }
            let writer = Task {
                for _ in 0..<20 {
                    bench.clock.advance(milliseconds: 1)
                    _ = try await bench.turn()
                }
            }
            let seen = try await list(bench, limit: 3)
            try await writer.value
            try requireEqual(Set(seen).count, seen.count)
            try require(made.isSubset(of: seen), "a conversation that was there was skipped")
        },
        Check("messages page oldest first") { bench in
            let first = try await bench.turn(prompt: "0", answer: "1")
            let id = first.conversation.id
            for index in 1..<6 {
                let next = try await bench.begin(bench.start(.activeBranch(id), text: "\(2 * index)"))
                try require(await bench.finish(next, text: "\(2 * index + 1)"))
            }
            _ = try await bench.turn()
            for limit in [1, 5, 12, 200] {
                var texts: [String] = []
                var cursor: String?
                repeat {
                    let page = try await bench.store.messages(in: id, of: bench.user, after: cursor, limit: limit)
                    texts += page.items.map(\.content)
                    cursor = page.nextCursor
                } while cursor != nil
                try requireEqual(texts, (0..<12).map(String.init))
            }
            for (user, conversation) in [(bench.stranger, id), (bench.user, UUIDv7.make())] {
                let code = try await bench.code {
                    _ = try await bench.store.messages(in: conversation, of: user, after: nil, limit: 9)
                }
                try requireEqual(code, .notFound)
            }
        },
        Check("wrong cursors and limits are named") { bench in
            let begun = try await bench.turn()
            _ = try await bench.turn()
            let id = begun.conversation.id
            let lists = try await bench.store.conversations(of: bench.user, matching: nil, after: nil, limit: 1)
            let messages = try await bench.store.messages(in: id, of: bench.user, after: nil, limit: 1)
            let ours = try unwrap(lists.nextCursor)
            let wrong = ["", "x", "!!", "Yy4xLg", ours + "A", String(repeating: "A", count: 4_000), "\u{0}", "é"]
            for cursor in try wrong + [unwrap(messages.nextCursor)] {
                try await requireInvalid("cursor", cursor) {
                    _ = try await bench.store.conversations(of: bench.user, matching: nil, after: cursor, limit: 9)
                }
            }
            for cursor in wrong + [ours] {
                try await requireInvalid("cursor", cursor) {
                    _ = try await bench.store.messages(in: id, of: bench.user, after: cursor, limit: 9)
                }
            }
            for limit in [0, -1, 201, .min, .max] {
                try await requireInvalid("limit", limit) {
                    _ = try await bench.store.conversations(of: bench.user, matching: nil, after: nil, limit: limit)
                }
                try await requireInvalid("limit", limit) {
                    _ = try await bench.store.messages(in: id, of: bench.user, after: nil, limit: limit)
                }
            }
        },
        Check("a branch is the path to its leaf") { bench in
            let first = try await bench.turn(prompt: "1", answer: "2")
            let id = first.conversation.id
            let second = try await bench.begin(bench.start(.activeBranch(id), text: "3"))
            try require(await bench.finish(second, text: "4"))
            let side = try await bench.begin(bench.start(.under(first.answer.id, in: id), text: "5"))
            let store = bench.store
            for (limit, texts) in [
                (9, ["1", "2", "3", "4"]), (2, ["3", "4"]), (.max, ["1", "2", "3", "4"]), (0, []),
            ] {
                let path = try await store.branch(endingAt: second.answer.id, in: id, of: bench.user, limit: limit)
                try requireEqual(path.map(\.content), texts)
            }
            try requireEqual(
                await store.branch(endingAt: side.answer.id, in: id, of: bench.user, limit: 9).map(\.content),
                ["1", "2", "5", ""])
            let other = try await bench.turn()
            let asked = [
                (second.answer.id, id, bench.stranger), (other.answer.id, id, bench.user),
                (UUIDv7.make(), id, bench.user), (second.answer.id, other.conversation.id, bench.user),
            ]
            for (leaf, conversation, user) in asked {
                let code = try await bench.code {
                    _ = try await store.branch(endingAt: leaf, in: conversation, of: user, limit: 9)
                }
                try requireEqual(code, .notFound)
            }
        },
        Check("conversations change for their owner") { bench in
            let mine = try await bench.turn()
            let other = try await bench.turn()
            let id = mine.conversation.id
            let store = bench.store
            let promptID = try unwrap(mine.answer.parentID)
            let changed = try await store.updateConversation(id, of: bench.user, title: "N\0w", activeLeafID: promptID)
            try requireEqual(changed?.title, "N\u{FFFD}w")
            try requireEqual(changed?.activeLeafID, promptID)
            try requireEqual(await store.conversation(id, of: bench.user), changed)
            let next = try await bench.begin(bench.start(.activeBranch(id), text: "next"))
            try requireEqual(next.branch.map(\.id).first, promptID)
            for leaf in [other.answer.id, UUIDv7.make()] {
                let code = try await bench.code {
                    _ = try await store.updateConversation(id, of: bench.user, title: "Lost", activeLeafID: leaf)
                }
                try requireEqual(code, .notFound)
            }
            try requireEqual(await store.conversation(id, of: bench.user)?.title, "N\u{FFFD}w")
            try require(
                await store.updateConversation(id, of: bench.stranger, title: "x", activeLeafID: nil) == nil)
            try require(await store.conversation(id, of: bench.stranger) == nil)
            try require(
                await store.updateConversation(UUIDv7.make(), of: bench.user, title: "x", activeLeafID: nil) == nil)
        },
        Check("ratings are the owner's, of answers") { bench in
            let begun = try await bench.turn()
            let store = bench.store
            let id = begun.answer.id
            let liked = try await store.rateMessage(id, of: bench.user, liked: true, disliked: nil)
            try requireEqual([liked?.isLiked, liked?.isDisliked], [true, false])
            let both = try await store.rateMessage(id, of: bench.user, liked: false, disliked: true)
            try requireEqual([both?.isLiked, both?.isDisliked], [false, true])
            try requireEqual(await store.rateMessage(id, of: bench.user, liked: nil, disliked: nil), both)
            let promptID = try unwrap(begun.answer.parentID)
            for (message, user) in [(id, bench.stranger), (promptID, bench.user), (UUIDv7.make(), bench.user)] {
                try require(await store.rateMessage(message, of: user, liked: true, disliked: true) == nil)
            }
        },
        Check("a deleted conversation takes everything along") { bench in
            let kept = try await bench.turn(title: "kept needle")
            let ids = [try await bench.attachment(), try await bench.attachment()]
            let loose = try await bench.attachment()
            let start = bench.start(
                .newConversation(title: "needle"), text: "needle", attachments: [ids[0]], request: "r")
            let first = try await bench.begin(start)
            var answer = first.answer
            answer.status = .complete
            answer.attachmentIDs = [ids[1]]
            let finish = RunFinish(fence: first.fence, answer: answer, usage: record(bench, message: answer.id))
            try require(await bench.store.finishRun(finish))
            let id = first.conversation.id
            let second = try await bench.begin(bench.start(.activeBranch(id)))
            let store = bench.store
            try require(await store.deleteConversation(id, of: bench.stranger) == nil)
            let deleted = try await store.deleteConversation(id, of: bench.user)
            try requireEqual(deleted, DeletedConversation(attachmentIDs: ids, runIDs: [second.answer.id]))
            try require(await store.deleteConversation(id, of: bench.user) == nil)
            try require(await store.conversation(id, of: bench.user) == nil)
            try require(await store.run(first.answer.id, of: bench.user) == nil)
            try requireEqual(await store.activeRuns(of: bench.user, in: nil), [])
            try require(!(await bench.finish(second)), "a deleted run ended")
            let lease = RunCheckpoint(fence: second.fence, lease: .seconds(1), progress: nil)
            try requireEqual(await store.checkpoint([lease]).lost, [second.answer.id])
            try requireEqual(await store.attachments(ids + [loose], of: bench.user).map(\.id), [loose])
            let found = try await store.conversations(of: bench.user, matching: "needle", after: nil, limit: 9)
            try requireEqual(found.items.map(\.id), [kept.conversation.id])
            let sums = try await store.usage(of: bench.user, from: .distantPast, to: .distantFuture)
            try requireEqual(sums.map(\.messages), [1])
            _ = try await bench.begin(bench.start(.newConversation(title: "needle"), request: "r"))
        },
    ]

    /// The ids of all conversations, page by page.
    static func list(_ bench: StoreBench, limit: Int) async throws -> [String] {
        var ids: [String] = []
        var cursor: String?
        repeat {
            let page = try await bench.store.conversations(of: bench.user, matching: nil, after: cursor, limit: limit)
            try require(page.items.count <= limit)
            ids += page.items.map(\.id)
            cursor = page.nextCursor
        } while cursor != nil
        return ids
    }

    static func requireInvalid(_ field: String, _ value: Any = "", _ call: () async throws -> Void) async throws {
        do {
            try await call()
        } catch let error as ChatError {
            try requireEqual(error.code, .invalidRequest)
            try require(error.message.contains(field), "\(error.message) does not name \(field)")
            return
        }
        throw ConformanceFailure(description: "a wrong \(field) was accepted: \(value)")
    }
}

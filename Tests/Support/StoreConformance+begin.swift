import SimpleStreamKit

extension StoreConformance {
    static let beginChecks: [Check] = [
        Check("a first run makes the conversation") { bench in
            let start = bench.start(.newConversation(title: "T\0itle"), text: "Hi\0", request: "r1")
            let begun = try await bench.begin(start)
            try requireEqual(begun.conversation.title, "T\u{FFFD}itle")
            try requireEqual(begun.conversation.userID, bench.user)
            try requireEqual(begun.conversation.activeLeafID, start.answer.id)
            try requireEqual(begun.conversation.updatedAt, bench.date)
            try requireEqual(begun.branch.map(\.content), ["Hi\u{FFFD}"])
            try requireEqual(begun.branch.map(\.status), [.complete])
            try requireEqual(begun.answer.parentID, start.prompt?.id)
            try requireEqual(begun.answer.status, .streaming)
            let run = try unwrap(await bench.store.run(start.answer.id, of: bench.user))
            try requireEqual([run.node, run.requestID ?? ""], ["n1", "r1"])
            try requireEqual(run.leaseEpoch, 1)
            try require(!run.isStopRequested)
            try requireEqual(await bench.store.activeRuns(of: bench.user, in: nil), [run])
        },
        Check("the active branch goes on, whatever the prompt says") { bench in
            let first = try await bench.turn(prompt: "one", answer: "two")
            let id = first.conversation.id
            var start = bench.start(.activeBranch(id), text: "three")
            start.prompt = Message(
                id: UUIDv7.make(), conversationID: id, parentID: "nonsense", role: .user, content: "three",
                createdAt: bench.date)
            let second = try await bench.begin(start)
            try requireEqual(second.branch.map(\.content), ["one", "two", "three"])
            try requireEqual(second.branch.last?.parentID, first.answer.id)
            try requireEqual(second.conversation.activeLeafID, second.answer.id)
        },
        Check("the end of a long branch is read and the rest is counted") { bench in
            // 4, 100, 1 and 1 bytes, and 1 of the prompt.
            let first = try await bench.turn(prompt: "ää", answer: String(repeating: "ä", count: 50))
            let id = first.conversation.id
            let second = try await bench.begin(bench.start(.activeBranch(id), text: "3"))
            try require(await bench.finish(second, text: "4"))
            for (bytes, count) in [(1, 1), (2, 2), (3, 3), (4, 4), (103, 4), (104, 5), (.max, 5)] {
                var start = bench.start(.under(second.answer.id, in: id), text: "5")
                start.branchBytes = bytes
                let begun = try await bench.begin(start)
                try requireEqual(begun.branch.last?.content, "5")
                try requireEqual([begun.branch.count, begun.omitted], [count, 5 - count])
                try require(await bench.finish(begun))
            }
        },
        Check("prompts and answers may branch") { bench in
            let first = try await bench.turn(prompt: "one", answer: "two")
            let id = first.conversation.id
            let edited = try await bench.begin(bench.start(.under(nil, in: id), text: "other one"))
            try requireEqual(edited.branch.map(\.content), ["other one"])
            try require(await bench.finish(edited))
            let promptID = try unwrap(first.answer.parentID)
            let again = try await bench.begin(bench.start(.again(promptID, in: id)))
            try requireEqual(again.branch.map(\.content), ["one"])
            try requireEqual(again.answer.parentID, promptID)
            try requireEqual(await bench.store.messages(in: id, of: bench.user, after: nil, limit: 200).items.count, 5)
        },
        Check("unknown and foreign conversations are not found") { bench in
            let theirs = try await bench.turn(user: bench.stranger)
            for id in [UUIDv7.make(), theirs.conversation.id, ""] {
                let beginning = try await bench.store.beginRun(bench.start(.activeBranch(id)))
                try requireEqual(beginning.summary, "notFound conversation")
            }
            let messages = try await bench.store.messages(
                in: theirs.conversation.id, of: bench.stranger, after: nil, limit: 200)
            try requireEqual(messages.items.count, 2)
        },
        Check("parents of elsewhere are not found and nothing is left behind") { bench in
            let mine = try await bench.turn()
            let other = try await bench.turn()
            let theirs = try await bench.turn(user: bench.stranger)
            let promptID = try unwrap(other.answer.parentID)
            let places: [StoreBench.Place] = [
                .under(UUIDv7.make(), in: mine.conversation.id), .under(other.answer.id, in: mine.conversation.id),
                .under(theirs.answer.id, in: mine.conversation.id), .again(promptID, in: mine.conversation.id),
                .again(mine.answer.id, in: mine.conversation.id),
            ]
            for place in places {
                try requireEqual(await bench.store.beginRun(bench.start(place)).summary, "notFound message")
            }
            var start = bench.start(.newConversation(title: "New"))
            start.prompt = Message(
                id: UUIDv7.make(), conversationID: start.conversationID, parentID: other.answer.id, role: .user,
                content: "x", createdAt: bench.date)
            try requireEqual(await bench.store.beginRun(start).summary, "notFound message")
            try require(await bench.store.conversation(start.conversationID, of: bench.user) == nil)
            let count = try await bench.store.messages(
                in: mine.conversation.id, of: bench.user, after: nil, limit: 200
            ).items.count
            try requireEqual(count, 2)
        },
        Check("ids that are taken are refused and change nothing") { bench in
            let mine = try await bench.turn()
            var start = bench.start(.newConversation(title: "New"))
            start.conversationID = mine.conversation.id
            let taken = start
            try requireEqual(await bench.code { _ = try await bench.store.beginRun(taken) }, .internal)
            start = bench.start(.activeBranch(mine.conversation.id))
            start.answer = mine.answer
            let again = start
            try requireEqual(await bench.code { _ = try await bench.store.beginRun(again) }, .internal)
            let messages = try await bench.store.messages(
                in: mine.conversation.id, of: bench.user, after: nil, limit: 200)
            try requireEqual(messages.items.count, 2)
            try requireEqual(
                await bench.store.conversation(mine.conversation.id, of: bench.user)?.activeLeafID, mine.answer.id)
        },
        Check("a repeated request is the same run, for its user") { bench in
            let first = try await bench.begin(bench.start(.newConversation(title: "A"), request: "r"))
            let same = bench.start(.newConversation(title: "A"), request: "r")
            try requireEqual(await bench.store.beginRun(same).summary, "duplicate \(first.answer.id)")
            let other = bench.start(.newConversation(title: "A"), request: "r", hash: "other")
            try requireEqual(await bench.store.beginRun(other).summary, "conflict")
            let theirs = bench.start(.newConversation(title: "A"), request: "r", user: bench.stranger)
            try requireEqual(await bench.store.beginRun(theirs).summary, "begun")
            try require(await bench.finish(first))
            try requireEqual(await bench.store.beginRun(same).summary, "duplicate \(first.answer.id)")
            try requireEqual(
                await bench.store.conversations(of: bench.user, matching: nil, after: nil, limit: 10).items.count, 1)
        },
        Check("one request racing itself begins once") { bench in
            let summaries = try await race(8) { _ in bench.start(.newConversation(title: "A"), request: "r") }(bench)
            try requireEqual(summaries.filter { $0 == "begun" }.count, 1)
            try requireEqual(Set(summaries.filter { $0.hasPrefix("duplicate ") }).count, 1)
            try requireEqual(summaries.filter { $0.hasPrefix("duplicate ") }.count, 7)
        },
        Check("a branch takes one run at a time") { bench in
            let first = try await bench.begin(bench.start(.newConversation(title: "A")))
            let id = first.conversation.id
            let promptID = try unwrap(first.answer.parentID)
            let places: [StoreBench.Place] = [
                .activeBranch(id), .under(first.answer.id, in: id), .under(nil, in: id), .again(promptID, in: id),
            ]
            for place in places {
                try requireEqual(await bench.store.beginRun(bench.start(place)).summary, "busy \(first.answer.id)")
            }
            try require(await bench.finish(first))
            _ = try await bench.begin(bench.start(.activeBranch(id)))
        },
        Check("other branches go on meanwhile") { bench in
            let first = try await bench.turn()
            let id = first.conversation.id
            let second = try await bench.begin(bench.start(.activeBranch(id)))
            let root = try await bench.begin(bench.start(.under(nil, in: id)))
            try requireEqual(
                await bench.store.activeRuns(of: bench.user, in: id).map(\.message.id),
                [second.answer.id, root.answer.id])
            let sibling = bench.start(.under(first.answer.id, in: id))
            try requireEqual(await bench.store.beginRun(sibling).summary, "busy \(second.answer.id)")
        },
        Check("of two prompts racing on one branch one wins") { bench in
            for _ in 0..<10 {
                let id = try await bench.turn().conversation.id
                let summaries = try await race(4) { _ in bench.start(.activeBranch(id)) }(bench)
                try requireEqual(summaries.filter { $0 == "begun" }.count, 1)
                try requireEqual(summaries.filter { $0.hasPrefix("busy ") }.count, 3)
            }
        },
        Check("attachments are bound once, to their owner's prompt") { bench in
            let ids = [try await bench.attachment(), try await bench.attachment()]
            let theirs = try await bench.attachment(user: bench.stranger)
            for wrong in [[UUIDv7.make()], [theirs], [ids[0], theirs], [ids[0], ids[0]]] {
                let start = bench.start(.newConversation(title: "A"), attachments: wrong)
                try requireEqual(await bench.store.beginRun(start).summary, "notFound attachment")
            }
            let order = [ids[1], ids[0]]
            let begun = try await bench.begin(bench.start(.newConversation(title: "A"), attachments: order))
            try requireEqual(begun.branch.map(\.attachmentIDs), [order])
            let again = bench.start(.newConversation(title: "B"), attachments: [ids[0]])
            try requireEqual(await bench.store.beginRun(again).summary, "notFound attachment")
            try require(!(await bench.store.deleteAttachment(ids[0], of: bench.user)), "a bound attachment was deleted")
            try requireEqual(await bench.store.attachments([ids[0], theirs], of: bench.user).map(\.id), [ids[0]])
        },
    ]

    /// Begins many runs at once; how each went.
    static func race(
        _ count: Int, _ start: @escaping @Sendable (Int) -> RunStart
    ) -> (StoreBench) async throws -> [String] {
        { bench in
            try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<count {
                    let start = start(index)
                    group.addTask { try await bench.store.beginRun(start).summary }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
    }
}

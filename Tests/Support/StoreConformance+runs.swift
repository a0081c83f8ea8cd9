import Foundation
import SimpleStreamKit

extension StoreConformance {
    static let runChecks: [Check] = [
        Check("checkpoints keep the text and tell of stops") { bench in
            let begun = try await bench.begin(bench.start(.newConversation(title: "A")))
            let progress = RunCheckpoint.Progress(
                content: "Hal\0f", thinkingText: "Hm", thinkingDuration: 12, materializedSeq: 5)
            var checkpoint = RunCheckpoint(fence: begun.fence, lease: .seconds(10), progress: progress)
            try requireEqual(await bench.store.checkpoint([checkpoint]), CheckpointResult())
            var run = try unwrap(await bench.store.run(begun.answer.id, of: bench.user))
            try requireEqual(run.message.content, "Hal\u{FFFD}f")
            try requireEqual(run.message.thinkingText, "Hm")
            try requireEqual([run.message.thinkingDuration, run.message.materializedSeq], [12, 5])
            try require(!(await bench.store.requestStop(begun.answer.id, of: bench.stranger)))
            try require(await bench.store.requestStop(begun.answer.id, of: bench.user))
            checkpoint.progress = nil
            let result = try await bench.store.checkpoint([checkpoint])
            try requireEqual(result, CheckpointResult(stopRequested: [begun.answer.id]))
            run = try unwrap(await bench.store.run(begun.answer.id, of: bench.user))
            try requireEqual(run.message.content, "Hal\u{FFFD}f")
            try require(run.isStopRequested)
            try requireEqual(await bench.store.checkpoint([]), CheckpointResult())
        },
        Check("a wrong fence changes nothing") { bench in
            let begun = try await bench.begin(bench.start(.newConversation(title: "A")))
            let ended = try await bench.turn()
            var fences = [begun.fence, begun.fence, begun.fence, ended.fence]
            fences[0].leaseEpoch = 0
            fences[1].node = "n2"
            fences[2].messageID = UUIDv7.make()
            let progress = RunCheckpoint.Progress(
                content: "wrong", thinkingText: nil, thinkingDuration: nil, materializedSeq: 99)
            let good = RunCheckpoint(fence: begun.fence, lease: .seconds(10), progress: nil)
            for fence in fences {
                let bad = RunCheckpoint(fence: fence, lease: .seconds(10), progress: progress)
                try requireEqual(await bench.store.checkpoint([bad]).lost, [fence.messageID])
                var answer = begun.answer
                answer.status = .complete
                answer.content = "wrong"
                let usage = record(bench, message: begun.answer.id)
                let finish = RunFinish(fence: fence, answer: answer, usage: usage)
                try require(!(await bench.store.finishRun(finish)), "a wrong fence ended a run")
            }
            let other = RunCheckpoint(fence: ended.fence, lease: .seconds(10), progress: progress)
            try requireEqual(await bench.store.checkpoint([other, good]).lost, [ended.answer.id])
            try requireEqual(await bench.store.run(begun.answer.id, of: bench.user)?.message, begun.answer)
            try requireEqual(await bench.store.run(ended.answer.id, of: bench.user)?.message.content, "Done")
            let all = try await bench.store.usage(of: bench.user, from: .distantPast, to: .distantFuture)
            try requireEqual(all, [])
        },
        Check("an end keeps everything of the answer") { bench in
            let begun = try await bench.begin(bench.start(.newConversation(title: "A")))
            let bound = try await bench.attachment()
            let theirs = try await bench.attachment(user: bench.stranger)
            _ = try await bench.store.rateMessage(begun.answer.id, of: bench.user, liked: true, disliked: nil)
            bench.clock.advance(milliseconds: 1_500)
            var answer = begun.answer
            answer.content = "Text"
            answer.thinkingText = "Thought"
            answer.thinkingDuration = 3
            answer.status = .failed
            answer.model = "other"
            answer.stopReason = .length
            answer.failure = .init(code: .providerStalled, message: "It stopped \"talking\".", retryable: true)
            answer.usage = TokenUsage(inputTokens: 5, cachedInputTokens: 1, outputTokens: 7, estimated: true)
            answer.costMicroUSD = 11
            answer.citations = [Citation(url: "https://a.example/?q=\u{1F980}", title: "Ä\0", start: 1, end: 2)]
            answer.toolCalls = [ToolCall(id: "c", name: "f", arguments: #"{"a":"\u0000"}"#)]
            answer.providerState = ProviderState(provider: "demo", json: #"{"signature":"x"}"#)
            answer.materializedSeq = 42
            answer.attachmentIDs = [bound, theirs, bound]
            let finish = RunFinish(
                fence: begun.fence, answer: answer, usage: record(bench, message: begun.answer.id))
            try require(await bench.store.finishRun(finish))
            answer.attachmentIDs = [bound]
            answer.isLiked = true
            let run = try unwrap(await bench.store.run(begun.answer.id, of: bench.user))
            try requireEqual(run.message, answer)
            try requireEqual(run.node, "n1")
            let conversation = try unwrap(await bench.store.conversation(begun.conversation.id, of: bench.user))
            try requireEqual(conversation.updatedAt, bench.date)
            try requireEqual(await bench.store.activeRuns(of: bench.user, in: nil), [])
            try require(!(await bench.store.finishRun(finish)), "a run ended twice")
            try require(!(await bench.store.requestStop(begun.answer.id, of: bench.user)))
            let sums = try await bench.store.usage(of: bench.user, from: .distantPast, to: .distantFuture)
            try requireEqual(sums.map(\.messages), [1])
        },
        Check("a run cannot end streaming") { bench in
            let begun = try await bench.begin(bench.start(.newConversation(title: "A")))
            let finish = RunFinish(fence: begun.fence, answer: begun.answer, usage: nil)
            try requireEqual(await bench.code { _ = try await bench.store.finishRun(finish) }, .internal)
        },
        Check("leases run out by the store's clock") { bench in
            let begun = try await bench.begin(bench.start(.newConversation(title: "A"), lease: .milliseconds(1_000)))
            bench.clock.advance(milliseconds: 999)
            let extend = RunCheckpoint(fence: begun.fence, lease: .milliseconds(1_000), progress: nil)
            try requireEqual(await bench.store.checkpoint([extend]).lost, [])
            bench.clock.advance(milliseconds: 999)
            let store = bench.store
            try requireEqual(
                await store.takeOverRuns(node: "n2", includingOwn: true, among: nil, lease: .seconds(1), limit: 9), [])
            bench.clock.advance(milliseconds: 1)
            let taken = try await store.takeOverRuns(
                node: "n2", includingOwn: false, among: nil, lease: .seconds(1), limit: 9)
            try requireEqual(taken.map(\.message.id), [begun.answer.id])
            try requireEqual(taken.map(\.node), ["n2"])
            try requireEqual(taken.map(\.leaseEpoch), [2])
            try requireEqual(await store.checkpoint([extend]).lost, [begun.answer.id])
            try require(!(await bench.finish(begun)), "the node that lost a run ended it")
            var new = begun
            (new.node, new.epoch) = ("n2", 2)
            try require(await bench.finish(new, status: .interrupted))
            try requireEqual(
                await store.takeOverRuns(node: "n3", includingOwn: true, among: nil, lease: .seconds(1), limit: 9), [])
        },
        Check("a node that starts finds its own old runs") { bench in
            let old = try await bench.begin(bench.start(.newConversation(title: "A")))
            let older = try await bench.begin(bench.start(.newConversation(title: "B"), user: bench.stranger))
            let other = try await bench.begin(bench.start(.newConversation(title: "C"), node: "n2"))
            let store = bench.store
            try requireEqual(
                await store.takeOverRuns(node: "n1", includingOwn: false, among: nil, lease: .seconds(1), limit: 9), [])
            let first = try await store.takeOverRuns(
                node: "n1", includingOwn: true, among: nil, lease: .seconds(1), limit: 1)
            try requireEqual(first.map(\.message.id), [old.answer.id])
            try requireEqual(first.map(\.leaseEpoch), [2])
            let both = try await store.takeOverRuns(
                node: "n1", includingOwn: true, among: nil, lease: .seconds(1), limit: 9)
            try requireEqual(both.map(\.message.id), [old.answer.id, older.answer.id])
            try requireEqual(both.map(\.userID), [bench.user, bench.stranger])
            try requireEqual(await store.run(other.answer.id, of: bench.user)?.leaseEpoch, 1)
        },
        Check("only expired runs that were named are taken over") { bench in
            let store = bench.store
            let named = try await bench.begin(bench.start(.newConversation(title: "A"), lease: .zero))
            let unnamed = try await bench.begin(
                bench.start(.newConversation(title: "B"), lease: .zero, user: bench.stranger))
            let living = try await bench.begin(bench.start(.newConversation(title: "C")))
            let own = try await bench.begin(bench.start(.newConversation(title: "D"), node: "n2"))
            try requireEqual(await store.expiredRuns(limit: 9), [named.answer.id, unnamed.answer.id])
            try requireEqual(await store.expiredRuns(limit: 1), [named.answer.id])
            try requireEqual(
                await store.takeOverRuns(node: "n2", includingOwn: false, among: [], lease: .seconds(9), limit: 9), [])
            let ids = [living.answer.id, UUIDv7.make(), "'", named.answer.id]
            let taken = try await store.takeOverRuns(
                node: "n2", includingOwn: true, among: ids, lease: .seconds(9), limit: 9)
            try requireEqual(taken.map(\.message.id), [named.answer.id, own.answer.id])
            try requireEqual(await store.expiredRuns(limit: 9), [unnamed.answer.id])
        },
        Check("of many nodes one takes a run over") { bench in
            let begun = try await bench.begin(bench.start(.newConversation(title: "A"), lease: .zero))
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<6 {
                    group.addTask {
                        try await bench.store.takeOverRuns(
                            node: "m\(index)", includingOwn: false, among: nil, lease: .seconds(9), limit: 9
                        ).count
                    }
                }
                return try await group.reduce(0, +)
            }
            try requireEqual(counts, 1)
            try requireEqual(await bench.store.run(begun.answer.id, of: bench.user)?.leaseEpoch, 2)
        },
        Check("runs are their owner's") { bench in
            let begun = try await bench.begin(bench.start(.newConversation(title: "A")))
            try require(await bench.store.run(begun.answer.id, of: bench.stranger) == nil)
            try require(await bench.store.run(UUIDv7.make(), of: bench.user) == nil)
            let promptID = try unwrap(begun.answer.parentID)
            try require(await bench.store.run(promptID, of: bench.user) == nil, "a prompt is no run")
            try requireEqual(await bench.store.activeRuns(of: bench.stranger, in: nil), [])
            try requireEqual(await bench.store.activeRuns(of: bench.stranger, in: begun.conversation.id), [])
            try requireEqual(await bench.store.activeRuns(of: bench.user, in: UUIDv7.make()), [])
        },
        Check("texts of a mebibyte come back whole") { bench in
            let text = String(repeating: "añ🦀\u{202E}\n\"'\\%_ ", count: 70_000)
            try require(text.utf8.count > 1 << 20)
            let begun = try await bench.begin(bench.start(.newConversation(title: "A"), text: text))
            try require(begun.branch.map(\.content) == [text], "the prompt changed")
            let progress = RunCheckpoint.Progress(
                content: text, thinkingText: text, thinkingDuration: 1, materializedSeq: 1)
            _ = try await bench.store.checkpoint([.init(fence: begun.fence, lease: .seconds(1), progress: progress)])
            let run = try await bench.store.run(begun.answer.id, of: bench.user)
            try require(run?.message.content == text && run?.message.thinkingText == text, "the answer changed")
            try require(await bench.finish(begun, text: text))
            let path = try await bench.store.branch(
                endingAt: begun.answer.id, in: begun.conversation.id, of: bench.user, limit: 9)
            try require(path.map(\.content) == [text, text], "the branch changed")
        },
        Check("a cancelled task's change is whole") { bench in
            for _ in 0..<20 {
                let start = bench.start(.newConversation(title: "A"), text: "Hi")
                let task = Task { _ = try await bench.store.beginRun(start) }
                task.cancel()
                try await task.value
                let begun = try unwrap(await bench.store.run(start.answer.id, of: bench.user))
                let path = try await bench.store.branch(
                    endingAt: begun.message.id, in: start.conversationID, of: bench.user, limit: 9)
                try requireEqual(path.count, 2)
            }
        },
    ]

    static func record(_ bench: StoreBench, message: String) -> UsageRecord {
        UsageRecord(
            userID: bench.user, messageID: message, purpose: .answer, provider: "demo", model: "echo",
            onOperatorKey: true, usage: TokenUsage(inputTokens: 5, outputTokens: 7), costMicroUSD: 11,
            createdAt: bench.date)
    }
}

import Foundation
import SimpleStreamKit

extension StoreConformance {
    static let otherChecks: [Check] = [
        Check("keys are kept per user and provider") { bench in
            let store = bench.store
            var first = key(bench, provider: "openai", label: "one")
            first.fingerprint = "f1"
            var second = key(bench, provider: "anthropic", label: "two")
            second.baseURL = nil
            try await store.saveKey(first)
            try await store.saveKey(second)
            first.isDefault = true
            try requireEqual(await store.keys(of: bench.user), [second, first])
            try requireEqual(await store.key(for: "openai", of: bench.user), first)
            try require(await store.key(for: "openai", of: bench.stranger) == nil)
            try requireEqual(await store.keys(of: bench.stranger), [])
            var theirs = key(bench, provider: "openai", label: "theirs")
            theirs.userID = bench.stranger
            try await store.saveKey(theirs)
            theirs.isDefault = true
            var changed = first
            changed.label = "changed"
            changed.box.ciphertext = []
            changed.verdict = KeyVerdict(.exhausted, "No credit.")
            try await store.saveKey(changed)
            try requireEqual(await store.key(for: "openai", of: bench.user), changed)
            try require(await store.deleteKey(for: "openai", of: bench.user))
            try require(!(await store.deleteKey(for: "openai", of: bench.user)))
            try requireEqual(await store.key(for: "openai", of: bench.stranger), theirs)
        },
        Check("usage is summed by model and time") { bench in
            let store = bench.store
            let start = bench.date
            var one = record(bench, message: "m1")
            try await store.recordUsage(one)
            one.purpose = .title
            one.costMicroUSD = nil
            try await store.recordUsage(one)
            one.model = "big"
            one.usage = TokenUsage(inputTokens: .max, outputTokens: -5)
            one.costMicroUSD = .max
            for _ in 0..<3 { try await store.recordUsage(one) }
            bench.clock.advance(milliseconds: 10)
            var late = record(bench, message: "m2")
            late.userID = bench.user
            try await store.recordUsage(late)
            let early = try await store.usage(of: bench.user, from: start, to: bench.date)
            let bound = 3_000_000_000_000
            let expected = [
                UsageSummary(
                    provider: "demo", model: "big", messages: 0, inputTokens: bound, outputTokens: 0,
                    costMicroUSD: bound, unpricedCalls: 0),
                UsageSummary(
                    provider: "demo", model: "echo", messages: 1, inputTokens: 10, outputTokens: 14,
                    costMicroUSD: 11, unpricedCalls: 1),
            ]
            try requireEqual(early, expected)
            let after = try await store.usage(of: bench.user, from: bench.date, to: .distantFuture)
            try requireEqual(after.map(\.messages), [1])
            try requireEqual(await store.usage(of: bench.stranger, from: .distantPast, to: .distantFuture), [])
        },
        Check("attachments are their owner's") { bench in
            let store = bench.store
            let ids = [try await bench.attachment(), try await bench.attachment()]
            let theirs = try await bench.attachment(user: bench.stranger)
            let asked = [ids[1], theirs, UUIDv7.make(), ids[0]]
            let found = try await store.attachments(asked, of: bench.user)
            try requireEqual(found.map(\.id), [ids[1], ids[0]])
            let taken = Attachment(
                id: theirs, userID: bench.user, name: "stolen", mime: "text/plain", size: 1, createdAt: bench.date)
            try requireEqual(await bench.code { try await store.saveAttachment(taken, limit: nil) }, .internal)
            try requireEqual(await store.attachments([theirs], of: bench.stranger).map(\.name), ["a.png"])
            try require(!(await store.deleteAttachment(theirs, of: bench.user)))
            try require(await store.deleteAttachment(ids[0], of: bench.user))
            try require(!(await store.deleteAttachment(ids[0], of: bench.user)))
            try requireEqual(await store.attachments([], of: bench.user), [])
        },
        Check("documents are kept per user and name") { bench in
            let store = bench.store
            try await store.saveDocument("settings", #"{"a":"ä🦀"}"#, of: bench.user)
            try await store.saveDocument("profile", "{}", of: bench.user)
            try requireEqual(await store.document("settings", of: bench.user), #"{"a":"ä🦀"}"#)
            try await store.saveDocument("settings", "[]", of: bench.user)
            try requireEqual(await store.document("settings", of: bench.user), "[]")
            try requireEqual(await store.document("profile", of: bench.user), "{}")
            try require(await store.document("settings", of: bench.stranger) == nil)
            let large = String(repeating: "x", count: 65_536)
            try await store.saveDocument("settings", large, of: bench.user)
            let code = try await bench.code { try await store.saveDocument("settings", large + "x", of: bench.user) }
            try requireEqual(code, .payloadTooLarge)
            try requireEqual(await store.document("settings", of: bench.user)?.count, 65_536)
        },
    ]

    private static func key(_ bench: StoreBench, provider: String, label: String) -> StoredKey {
        StoredKey(
            userID: bench.user, provider: provider, label: label, lastFour: "abcd",
            box: SealedBox(keyID: "k1", nonce: Array(0..<12), ciphertext: [0, 255, 0], tag: Array(100..<116)),
            baseURL: "https://example.com/v1", verdict: KeyVerdict(.valid, "Fine."), checkedAt: bench.date,
            createdAt: bench.date)
    }
}

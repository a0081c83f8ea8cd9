import Foundation
import SimpleStreamKit

extension StoreConformance {
    static let vaultChecks: [Check] = [
        Check("one key of a user is the default") { bench in
            func save(_ provider: String, isDefault: Bool = false, of user: String? = nil) async throws {
                var key = key(bench, provider: provider, user: user)
                key.isDefault = isDefault
                try await bench.store.saveKey(key)
            }
            func defaults() async throws -> [String] {
                try await bench.store.keys(of: bench.user).filter(\.isDefault).map(\.provider)
            }
            try await save("openai")
            try await save("xai", of: bench.stranger)
            try requireEqual(await defaults(), ["openai"])
            try await save("anthropic")
            try requireEqual(await defaults(), ["openai"])
            try await save("gemini", isDefault: true)
            try requireEqual(await defaults(), ["gemini"])
            // Saved again without a word: it stays, for it would be nobody's.
            try await save("gemini")
            try requireEqual(await defaults(), ["gemini"])
            try require(await bench.store.deleteKey(for: "gemini", of: bench.user))
            try requireEqual(await defaults(), ["anthropic"])
            try require(await bench.store.deleteKey(for: "openai", of: bench.user))
            try requireEqual(await defaults(), ["anthropic"])
            try requireEqual(await bench.store.keys(of: bench.stranger).map(\.isDefault), [true])
        },
        Check("uses of keys are noted with the run and stay when it is deleted") { bench in
            var uses: [KeyUse] = []
            for provider in ["openai", "xai", "openai"] {
                var start = bench.start(.newConversation(title: "A"))
                let use = use(bench, of: start, provider: provider)
                start.keyUse = use
                let begun = try await bench.begin(start)
                try require(await bench.finish(begun))
                _ = try await bench.store.deleteConversation(begun.conversation.id, of: bench.user)
                uses.insert(use, at: 0)
            }
            try requireEqual(await bench.store.keyUses(of: bench.user, provider: nil, limit: 9), uses)
            try requireEqual(await bench.store.keyUses(of: bench.user, provider: nil, limit: 2), Array(uses.prefix(2)))
            try requireEqual(await bench.store.keyUses(of: bench.user, provider: "xai", limit: 9), [uses[1]])
            try requireEqual(await bench.store.keyUses(of: bench.stranger, provider: nil, limit: 9), [])
        },
        Check("sealed keys come in pages, everybody's") { bench in
            var expected: [[String]] = []
            for user in [bench.user, bench.stranger] {
                for provider in ["openai", "anthropic", "xai"] {
                    try await bench.store.saveKey(key(bench, provider: provider, user: user))
                    expected.append([user, provider])
                }
            }
            expected.sort { ($0[0], $0[1]) < ($1[0], $1[1]) }
            var found: [[String]] = []
            var last: StoredKey?
            repeat {
                let page = try await bench.store.sealedKeys(after: last, limit: 2)
                try require(page.count <= 2)
                found += page.map { [$0.userID, $0.provider] }
                last = page.last
            } while last != nil
            try requireEqual(found, expected)
        },
        Check("a key is resealed unless it was changed meanwhile") { bench in
            let stored = key(bench, provider: "openai")
            try await bench.store.saveKey(stored)
            let found = try unwrap(await bench.store.key(for: "openai", of: bench.user))
            let box = SealedBox(keyID: "k2", nonce: Array(1..<13), ciphertext: [1], tag: Array(1..<17))
            try require(await bench.store.resealKey(found, as: box, fingerprint: "new"))
            var expected = found
            expected.box = box
            expected.fingerprint = "new"
            try requireEqual(await bench.store.key(for: "openai", of: bench.user), expected)
            try require(!(await bench.store.resealKey(found, as: box, fingerprint: "again")))
            var theirs = expected
            theirs.userID = bench.stranger
            try require(!(await bench.store.resealKey(theirs, as: found.box, fingerprint: nil)))
            try requireEqual(await bench.store.key(for: "openai", of: bench.user), expected)
            try require(await bench.store.deleteKey(for: "openai", of: bench.user))
            try require(!(await bench.store.resealKey(expected, as: found.box, fingerprint: nil)))
            try require(await bench.store.key(for: "openai", of: bench.user) == nil)
        },
        Check("there is one canary, the first one saved") { bench in
            let boxes = (0..<4).map { index in
                SealedBox(keyID: "k\(index)", nonce: Array(0..<12), ciphertext: [UInt8(index)], tag: Array(0..<16))
            }
            try require(await bench.store.canary(orSave: nil) == nil)
            let found = try await withThrowingTaskGroup(of: SealedBox?.self) { group in
                for box in boxes { group.addTask { try await bench.store.canary(orSave: box) } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            try requireEqual(found.count, 1)
            let first = try unwrap(found.first ?? nil)
            try requireEqual(await bench.store.canary(orSave: nil), first)
            let other = try unwrap(boxes.first { $0 != first })
            try require(!(await bench.store.replaceCanary(other, with: other)))
            try require(await bench.store.replaceCanary(first, with: other))
            try requireEqual(await bench.store.canary(orSave: first), other)
        },
    ]

    static func key(_ bench: StoreBench, provider: String, user: String? = nil) -> StoredKey {
        StoredKey(
            userID: user ?? bench.user, provider: provider, label: "", lastFour: "abcd",
            box: SealedBox(keyID: "k1", nonce: Array(0..<12), ciphertext: [0, 255, 0], tag: Array(100..<116)),
            baseURL: nil, verdict: KeyVerdict(.valid, "Fine."), checkedAt: bench.date, createdAt: bench.date)
    }
}

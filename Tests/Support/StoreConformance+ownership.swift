import Foundation
import SimpleStreamKit

extension StoreConformance {
    static let ownershipChecks: [Check] = [
        Check("a guest's everything becomes the user's") { bench in
            let store = bench.store
            let guest = try await added("G", kind: .guest, to: bench)
            let ann = try await added("Ann", to: bench)
            let attachment = try await bench.attachment(user: guest.id)
            var start = bench.start(
                .newConversation(title: "Zebra"), text: "stripes", attachments: [attachment], request: "r1",
                user: guest.id)
            let begun = try await bench.begin(start)
            try require(await bench.finish(begun))
            start = bench.start(.newConversation(title: "Live"), request: "r2", user: guest.id)
            let live = try await bench.begin(start)
            // The user has used the same request id.
            let own = try await bench.begin(bench.start(.newConversation(title: "Own"), request: "r1", user: ann.id))
            try await store.saveDocument("settings", "{\"g\":1}", of: guest.id)
            try await store.saveDocument("profile", "{\"g\":2}", of: guest.id)
            try await store.saveDocument("settings", "{\"a\":1}", of: ann.id)
            try await store.recordUsage(usageRecord(bench, of: guest.id))
            try await store.recordAudit(
                AuditEntry(userID: guest.id, action: .guestStarted, address: nil, createdAt: bench.date))
            try await store.addSession(session("g", of: guest, bench), replacing: nil)
            try await store.addToken(token("gt", of: guest, bench, expiresAt: nil))
            try require(
                await store.saveShare(share("link", of: begun.conversation.id, by: guest.id, bench)))

            try require(await store.mergeGuest(guest.id, into: ann.id, keys: []))

            try require(await store.user(guest.id) == nil)
            try require(await store.session(withHash: "g") == nil)
            try require(await store.token(withHash: "gt") == nil)
            try requireEqual(await titles(of: ann.id, in: store), ["Live", "Own", "Zebra"])
            try requireEqual(await titles(of: guest.id, in: store), [])
            try requireEqual(await titles(of: ann.id, matching: "stripes", in: store), ["Zebra"])
            try requireEqual(await titles(of: ann.id, matching: "zebra", in: store), ["Zebra"])
            try requireEqual(await titles(of: guest.id, matching: "stripes", in: store), [])
            let messages = try await store.messages(
                in: begun.conversation.id, of: ann.id, after: nil, limit: 10
            ).items
            try requireEqual(messages.map(\.content), ["stripes", "Done"])
            try requireEqual(await store.attachments([attachment], of: ann.id).map(\.userID), [ann.id])
            try requireEqual(await store.document("settings", of: ann.id), "{\"a\":1}")
            try requireEqual(await store.document("profile", of: ann.id), "{\"g\":2}")
            try require(await store.document("settings", of: guest.id) == nil)
            try requireEqual(await store.usage(of: ann.id, from: .distantPast, to: .distantFuture).count, 1)
            try requireEqual(await store.auditEntries(of: ann.id, before: nil, limit: 9).map(\.action), [.guestStarted])
            try requireEqual(await store.share(withHash: "link")?.userID, ann.id)
            // The run goes on, and what it used is the user's.
            try requireEqual(
                await store.activeRuns(of: ann.id, in: nil).map(\.message.id), [live.answer.id, own.answer.id])
            try require(await bench.finish(live, text: "Late", usage: usageRecord(bench, of: guest.id)))
            try requireEqual(await store.run(live.answer.id, of: ann.id)?.message.content, "Late")
            try requireEqual(await store.usage(of: guest.id, from: .distantPast, to: .distantFuture), [])
            try requireEqual(await store.usage(of: ann.id, from: .distantPast, to: .distantFuture)[0].messages, 2)
            try requireEqual(await store.run(own.answer.id, of: ann.id)?.requestID, "r1")
        },
        Check("a guest's keys come sealed anew and never over the user's") { bench in
            let store = bench.store
            let guest = try await added("G", kind: .guest, to: bench)
            let ann = try await added("Ann", to: bench)
            for (provider, owner) in [("openai", guest), ("xai", guest), ("gemini", guest), ("xai", ann)] {
                try await store.saveKey(key(bench, provider: provider, label: owner.name, of: owner.id))
            }
            let resealed = ["openai", "xai", "anthropic"].map { key(bench, provider: $0, label: "new", of: ann.id) }
            try require(await store.mergeGuest(guest.id, into: ann.id, keys: resealed))
            try requireEqual(
                await store.keys(of: ann.id).map { "\($0.provider) \($0.label) \($0.isDefault)" },
                ["openai new false", "xai Ann true"])
            try requireEqual(await store.keys(of: guest.id), [])
        },
        Check("only guests are merged, and only into users") { bench in
            let store = bench.store
            let ann = try await added("Ann", to: bench)
            let bob = try await added("Bob", to: bench)
            let guest = try await added("G", kind: .guest, to: bench)
            _ = try await bench.turn(title: "Bob's", user: bob.id)
            _ = try await bench.turn(title: "Guest's", user: guest.id)
            try require(!(await store.mergeGuest(bob.id, into: ann.id, keys: [])))
            try require(!(await store.mergeGuest(guest.id, into: guest.id, keys: [])))
            try require(!(await store.mergeGuest(guest.id, into: UUIDv7.make(), keys: [])))
            try require(!(await store.mergeGuest(UUIDv7.make(), into: ann.id, keys: [])))
            try requireEqual(await titles(of: guest.id, in: store), ["Guest's"])
            try requireEqual(await titles(of: bob.id, in: store), ["Bob's"])
        },
        Check("a deleted user leaves nothing") { bench in
            let store = bench.store
            let ann = try await added("Ann", to: bench)
            let bob = try await added("Bob", to: bench)
            let identity = Identity(issuer: "i", subject: "s")
            _ = try await store.signIn(identity, as: user("Cat", bench))
            let bound = try await bench.attachment(user: ann.id)
            let loose = try await bench.attachment(user: ann.id)
            let turn = try await bench.begin(
                bench.start(.newConversation(title: "Zebra"), attachments: [bound], request: "r", user: ann.id))
            try require(await bench.finish(turn))
            let live = try await bench.begin(bench.start(.newConversation(title: "Live"), user: ann.id))
            _ = try await bench.turn(title: "Zebra", user: bob.id)
            try await store.saveDocument("settings", "{}", of: ann.id)
            try await store.recordUsage(usageRecord(bench, of: ann.id))
            try await store.saveKey(key(bench, provider: "openai", label: "", of: ann.id))
            let quota = Quota(scope: "user:\(ann.id)", unit: .tokens, period: .day, limit: 10)
            let other = Quota(scope: "user:\(bob.id)", unit: .tokens, period: .day, limit: 10)
            try await store.spend([QuotaCharge(quota, amount: 3), QuotaCharge(other, amount: 4)])
            try await store.recordAudit(
                AuditEntry(userID: ann.id, action: .signedIn, address: nil, createdAt: bench.date))
            try await store.addSession(session("a", of: ann, bench), replacing: nil)
            try await store.addToken(token("at", of: ann, bench, expiresAt: nil))
            try require(await store.saveShare(share("link", of: turn.conversation.id, by: ann.id, bench)))

            let deleted = try unwrap(await store.deleteUser(ann.id))

            try requireEqual(deleted.attachmentIDs, [bound, loose].sorted())
            try requireEqual(deleted.runIDs, [live.answer.id])
            try require(await store.deleteUser(ann.id) == nil)
            try require(await store.user(ann.id) == nil)
            try require(await store.session(withHash: "a") == nil)
            try require(await store.token(withHash: "at") == nil)
            try require(await store.share(withHash: "link") == nil)
            try requireEqual(await titles(of: ann.id, in: store), [])
            try requireEqual(await titles(of: ann.id, matching: "zebra", in: store), [])
            try require(await store.run(turn.answer.id, of: ann.id) == nil)
            try requireEqual(await store.attachments(of: ann.id, after: nil, limit: 9), [])
            try requireEqual(await store.keys(of: ann.id), [])
            try require(await store.document("settings", of: ann.id) == nil)
            try requireEqual(await store.usage(of: ann.id, from: .distantPast, to: .distantFuture), [])
            try requireEqual(await store.auditEntries(of: ann.id, before: nil, limit: 9), [])
            try requireEqual(await store.quotaUse([quota, other]).map(\.used), [0, 4])
            try require(!(await bench.finish(live)), "a run of nobody ends nowhere")
            try requireEqual(await titles(of: bob.id, matching: "zebra", in: store), ["Zebra"])
        },
        Check("a user's attachments are listed in pages") { bench in
            let ids = [try await bench.attachment(), try await bench.attachment(), try await bench.attachment()]
            _ = try await bench.attachment(user: bench.stranger)
            let first = try await bench.store.attachments(of: bench.user, after: nil, limit: 2)
            try requireEqual(first.map(\.id), Array(ids[..<2]))
            let rest = try await bench.store.attachments(of: bench.user, after: ids[1], limit: 2)
            try requireEqual(rest.map(\.id), [ids[2]])
        },
    ]

    private static func titles(
        of userID: String, matching query: String? = nil, in store: any Store
    ) async throws -> [String] {
        try await store.conversations(of: userID, matching: query, after: nil, limit: 50).items.map(\.title).sorted()
    }

    private static func usageRecord(_ bench: StoreBench, of userID: String) -> UsageRecord {
        var record = record(bench, message: "m")
        record.userID = userID
        return record
    }

    private static func key(_ bench: StoreBench, provider: String, label: String, of userID: String) -> StoredKey {
        StoredKey(
            userID: userID, provider: provider, label: label, lastFour: "abcd",
            box: SealedBox(keyID: "k1", nonce: Array(0..<12), ciphertext: [1], tag: Array(0..<16)), baseURL: nil,
            verdict: KeyVerdict(.valid, "Fine."), checkedAt: bench.date, createdAt: bench.date)
    }
}

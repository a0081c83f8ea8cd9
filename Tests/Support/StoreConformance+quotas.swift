import Foundation
import SimpleStreamKit

extension StoreConformance {
    static let quotaChecks: [Check] = [
        Check("a run reserves with its beginning and settles with its end") { bench in
            let messages = quota(bench, .messages, limit: 2)
            let tokens = quota(bench, .tokens, .month, limit: 1000)
            var start = bench.start(.newConversation(title: "A"))
            start.charges = [QuotaCharge(messages, amount: 1), QuotaCharge(tokens, amount: 600)]
            let begun = try await bench.begin(start)
            try requireEqual(await used(bench, messages, tokens), [1, 600])
            var answer = begun.answer
            answer.status = .complete
            let finish = RunFinish(
                fence: begun.fence, answer: answer, usage: nil, spending: QuotaSpending(tokens: 50))
            try require(await bench.store.finishRun(finish))
            try requireEqual(await used(bench, messages, tokens), [1, 50])
            // Once is all.
            try require(!(await bench.store.finishRun(finish)))
            try await bench.store.settle(begun.answer.id, .nothing)
            try requireEqual(await used(bench, messages, tokens), [1, 50])
        },
        Check("a run that does not fit leaves nothing behind") { bench in
            let messages = quota(bench, .messages, limit: 10)
            let tokens = quota(bench, .tokens, limit: 100)
            try await bench.store.spend([QuotaCharge(tokens, amount: 60)])
            var start = bench.start(.newConversation(title: "A"))
            start.charges = [QuotaCharge(messages, amount: 1), QuotaCharge(tokens, amount: 41)]
            start.keyUse = use(bench, of: start, provider: "openai")
            try requireEqual(await bench.store.beginRun(start).summary, "quotaExceeded \(tokens.key) 60")
            try requireEqual(await used(bench, messages, tokens), [0, 60])
            try require(await bench.store.conversation(start.conversationID, of: bench.user) == nil)
            try requireEqual(await bench.store.keyUses(of: bench.user, provider: nil, limit: 9), [])
            start.charges[1].amount = 40
            try requireEqual(await bench.store.beginRun(start).summary, "begun")
            try requireEqual(await used(bench, messages, tokens), [1, 100])
        },
        Check("a repeated request is charged once, and never refused") { bench in
            let messages = quota(bench, .messages, limit: 1)
            func start() -> RunStart {
                var start = bench.start(.newConversation(title: "A"), request: "r")
                start.charges = [QuotaCharge(messages, amount: 1)]
                start.maxActiveRuns = 1
                return start
            }
            let first = try await bench.begin(start())
            try requireEqual(await bench.store.beginRun(start()).summary, "duplicate \(first.answer.id)")
            try requireEqual(await used(bench, messages), [1])
            try require(await bench.finish(first))
            try requireEqual(await bench.store.beginRun(start()).summary, "duplicate \(first.answer.id)")
        },
        Check("of many runs at once exactly as many begin as fit") { bench in
            let messages = quota(bench, .messages, limit: 5)
            let begun = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<12 {
                    var start = bench.start(.newConversation(title: "A"))
                    start.charges = [QuotaCharge(messages, amount: 1)]
                    let charged = start
                    group.addTask { try await bench.store.beginRun(charged).summary == "begun" }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            try requireEqual(begun, 5)
            try requireEqual(await used(bench, messages), [5])
        },
        Check("a user has so many runs, and each that ends makes room") { bench in
            func start(_ user: String? = nil) -> RunStart {
                var start = bench.start(.newConversation(title: "A"), user: user)
                start.maxActiveRuns = 2
                return start
            }
            let first = try await bench.begin(start())
            _ = try await bench.begin(start())
            try requireEqual(await bench.store.beginRun(start()).summary, "tooManyRuns 2")
            try requireEqual(await bench.store.beginRun(start(bench.stranger)).summary, "begun")
            try require(await bench.finish(first))
            try requireEqual(await bench.store.beginRun(start()).summary, "begun")
        },
        Check("a reservation grows as far as it fits") { bench in
            let tokens = quota(bench, .tokens, limit: 100)
            let money = quota(bench, .microUSD, limit: 100)
            let message = UUIDv7.make()
            func reserve(_ amounts: (Int, Int)) async throws -> QuotaUse? {
                try await bench.store.reserve(
                    [QuotaCharge(tokens, amount: amounts.0), QuotaCharge(money, amount: amounts.1)], for: message)
            }
            try require(await reserve((10, 10)) == nil)
            try require(await reserve((90, 100)) == nil)
            try requireEqual(await used(bench, tokens, money), [90, 100])
            let refusal = try await unwrap(reserve((100, 101)))
            try requireEqual(refusal.quota, money)
            try requireEqual([refusal.used, refusal.remaining], [100, 0])
            try requireEqual(await used(bench, tokens, money), [90, 100])
            try await bench.store.spend([QuotaCharge(tokens, amount: 500)])
            // Less always fits, also when others have spent too much meanwhile.
            try require(await reserve((50, 10)) == nil)
            try requireEqual(await used(bench, tokens, money), [550, 10])
            try await bench.store.settle(message, QuotaSpending(messages: 1, tokens: 7))
            try requireEqual(await used(bench, tokens, money), [507, 10])
        },
        Check("what a run reserved on one day is settled on that day") { bench in
            let day = quota(bench, .tokens, limit: 100)
            let month = quota(bench, .tokens, .month, limit: 100)
            let span = QuotaPeriod.day.span(at: bench.date)
            let message = UUIDv7.make()
            let charges = [QuotaCharge(day, amount: 100), QuotaCharge(month, amount: 60)]
            try require(await bench.store.reserve(charges, for: message) == nil)
            let reset = try await bench.store.quotaUse([day])[0].resetsAt
            try requireEqual(reset, span.upperBound)
            bench.clock.advance(milliseconds: 86_400_000)
            try requireEqual(await used(bench, day, month), [0, 60])
            let other = UUIDv7.make()
            try require(await bench.store.reserve([QuotaCharge(day, amount: 30)], for: other) == nil)
            try await bench.store.settle(message, QuotaSpending(tokens: 5))
            try requireEqual(await used(bench, day, month), [30, 5])
        },
        Check("who deletes their account and comes back has taken what they had") { bench in
            let store = bench.store
            let identity = Identity(issuer: "https://id.example", subject: "s%_|}")
            func day(_ user: UserAccount) -> Quota {
                Quota(scope: "user:\(user.id)", unit: .messages, period: .day, limit: 9)
            }
            func month(_ user: UserAccount) -> Quota {
                Quota(scope: "user:\(user.id)", unit: .tokens, period: .month, limit: 9)
            }
            let first = try await store.signIn(identity, as: user("Ann", bench))
            let other = try await store.signIn(
                Identity(issuer: "https://id.example", subject: "s"), as: user("Bob", bench))
            try await store.spend([
                QuotaCharge(day(first), amount: 3), QuotaCharge(month(first), amount: 5),
                QuotaCharge(day(other), amount: 4),
            ])
            _ = try await store.deleteUser(first.id)
            try requireEqual(await used(bench, day(first), month(first), day(other)), [0, 0, 4])
            let second = try await store.signIn(identity, as: user("Ann", bench))
            try require(second.id != first.id)
            try requireEqual(await used(bench, day(second), month(second)), [3, 5])
            // Signing in once more changes nothing, and the next round adds.
            _ = try await store.signIn(identity, as: user("Ann", bench))
            try await store.spend([QuotaCharge(day(second), amount: 1)])
            _ = try await store.deleteUser(second.id)
            // The next day, in the same month.
            bench.clock.advance(milliseconds: 86_400_000)
            let third = try await store.signIn(identity, as: user("Ann", bench))
            try requireEqual(await used(bench, day(third), month(third)), [0, 5])
            _ = try await store.deleteUser(third.id)
            bench.clock.advance(milliseconds: 31 * 86_400_000)
            _ = try await store.deleteExpiredSignIns()
            let fourth = try await store.signIn(identity, as: user("Ann", bench))
            try requireEqual(await used(bench, day(fourth), month(fourth)), [0, 0])
        },
        Check("amounts have bounds") { bench in
            let tokens = quota(bench, .tokens, limit: 10)
            try await bench.store.spend([QuotaCharge(tokens, amount: .max)])
            try await bench.store.spend([QuotaCharge(tokens, amount: .max)])
            let use = try await bench.store.quotaUse([tokens])[0]
            try require(use.used > 10)
            try requireEqual(use.remaining, 0)
            let charge = QuotaCharge(tokens, amount: .max)
            try require(await bench.store.reserve([charge], for: UUIDv7.make()) != nil)
        },
        Check("scopes, units and periods count apart") { bench in
            var quotas: [Quota] = []
            for unit in Quota.Unit.allCases {
                for period in QuotaPeriod.allCases { quotas.append(quota(bench, unit, period, limit: 10)) }
            }
            quotas.append(Quota(scope: "user:\(bench.stranger)", unit: .messages, period: .day, limit: 10))
            try await bench.store.spend(quotas.enumerated().map { QuotaCharge($1, amount: $0 + 1) })
            try requireEqual(await bench.store.quotaUse(quotas).map(\.used), Array(1...quotas.count))
        },
    ]

    static func use(_ bench: StoreBench, of start: RunStart, provider: String) -> KeyUse {
        KeyUse(
            userID: start.userID, provider: provider, fingerprint: "f", messageID: start.answer.id, usedAt: bench.date)
    }

    private static func quota(
        _ bench: StoreBench, _ unit: Quota.Unit, _ period: QuotaPeriod = .day, limit: Int
    ) -> Quota {
        Quota(scope: "user:\(bench.user)", unit: unit, period: period, limit: limit)
    }

    private static func used(_ bench: StoreBench, _ quotas: Quota...) async throws -> [Int] {
        try await bench.store.quotaUse(quotas).map(\.used)
    }
}

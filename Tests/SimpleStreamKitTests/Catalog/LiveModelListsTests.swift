import SimpleStreamKit
import Synchronization
import Testing

@Suite struct LiveModelListsTests {
    /// Lists what it is told to, or waits for ever.
    private final class Lister: ChatProvider {
        let name = "openai"
        let answer: [Model]?
        let hangs: Bool
        private let count = Mutex(0)

        init(_ answer: [Model]?, hangs: Bool = false) {
            self.answer = answer
            self.hangs = hangs
        }

        var asked: Int { count.withLock { $0 } }

        func withReply<R>(
            to prompt: Prompt, using credential: Credential, _ body: (ReplyEvents) async throws -> sending R
        ) async throws -> sending R { throw ChatError(.internal, "Not here.") }

        func verdict(on credential: Credential) async -> KeyVerdict { KeyVerdict(.valid, "Any.") }

        func models(for credential: Credential) async throws(ChatError) -> [Model] {
            count.withLock { $0 += 1 }
            // Ends with the task; only its being cancelled ends the wait.
            if hangs { try? await Task.sleep(for: .seconds(86_400)) }
            guard let answer else { throw ChatError(.providerUnavailable, "Down.") }
            return answer
        }
    }

    private let models = [Model(id: "gpt-9", provider: "openai")]

    @Test func aListIsAskedForOnceAKey() async {
        let lister = Lister(models)
        let lists = LiveModelLists(lifetime: .seconds(86_400))
        let one = Credential(key: Secret("one"))
        for _ in 0..<3 { #expect(await lists.models(of: lister, for: one) == models) }
        #expect(lister.asked == 1)
        _ = await lists.models(of: lister, for: Credential(key: Secret("two")))
        _ = await lists.models(of: lister, for: Credential(key: Secret("one"), baseURL: "https://other.example"))
        #expect(lister.asked == 3)
    }

    @Test func listsAndFailuresExpire() async {
        let lister = Lister(models)
        let lists = LiveModelLists(lifetime: .zero)
        for _ in 0..<2 { _ = await lists.models(of: lister, for: .none) }
        #expect(lister.asked == 2)

        let broken = Lister(nil)
        let patient = LiveModelLists(failureLifetime: .seconds(86_400))
        for _ in 0..<3 { #expect(await patient.models(of: broken, for: .none) == nil) }
        #expect(broken.asked == 1)
        let eager = LiveModelLists(failureLifetime: .zero)
        for _ in 0..<2 { #expect(await eager.models(of: broken, for: .none) == nil) }
        #expect(broken.asked == 3)
    }

    @Test func aSlowProviderIsNotWaitedFor() async {
        let slow = Lister(models, hangs: true)
        let lists = LiveModelLists(failureLifetime: .seconds(86_400), patience: .zero)
        #expect(await lists.models(of: slow, for: .none) == nil)
        #expect(await lists.models(of: slow, for: .none) == nil)
        #expect(slow.asked <= 1)
    }
}

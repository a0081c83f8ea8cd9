import Crypto
import Synchronization

/// What providers listed lately, so that they need not be asked each time somebody looks at the models.
///
/// A list belongs to the key it was asked with. A provider that fails or is slow is not asked again at once.
package final class LiveModelLists: Sendable {
    private struct Entry {
        /// Nil when the provider did not answer.
        var models: [Model]?
        var expires: ContinuousClock.Instant
    }

    /// More lists are not kept.
    private static let maxEntries = 1_000

    private let lifetime: Duration
    private let failureLifetime: Duration
    private let patience: Duration
    private let entries = Mutex<[String: Entry]>([:])

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - lifetime: how long a list holds. Default 10 minutes.
    ///   - failureLifetime: how long a failure holds. Default 1 minute.
    ///   - patience: how long a provider is waited for. Default 10 s.
    package init(
        lifetime: Duration = .seconds(600),
        failureLifetime: Duration = .seconds(60),
        patience: Duration = .seconds(10)
    ) {
        self.lifetime = lifetime
        self.failureLifetime = failureLifetime
        self.patience = patience
    }

    /// What `provider` lists for `credential`; nil when it does not say.
    package func models(of provider: any ChatProvider, for credential: Credential) async -> [Model]? {
        let key = Self.key(provider.name, credential)
        let now = ContinuousClock.now
        if let entry = entries.withLock({ $0[key] }), entry.expires > now { return entry.models }
        let models = await ask(provider, credential)
        // Who was not waited for by its caller did not fail.
        if models == nil, Task.isCancelled { return nil }
        entries.withLock { entries in
            if entries.count >= Self.maxEntries { entries = [:] }
            entries[key] = Entry(models: models, expires: now + (models == nil ? failureLifetime : lifetime))
        }
        return models
    }

    private func ask(_ provider: any ChatProvider, _ credential: Credential) async -> [Model]? {
        let patience = patience
        return await withTaskGroup(of: [Model]?.self) { group in
            // Whatever is wrong: there is no list.
            group.addTask { try? await provider.models(for: credential) }
            group.addTask {
                try? await Task.sleep(for: patience)  // Cancelled: the list came first.
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// The secret itself is not kept.
    private static func key(_ provider: String, _ credential: Credential) -> String {
        let digest = SHA256.hash(data: Array((credential.key?.reveal() ?? "").utf8))
        return "\(provider)\n\(credential.baseURL ?? "")\n\(digest)"
    }
}

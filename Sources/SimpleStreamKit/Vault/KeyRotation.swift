/// Seals stored keys again under the ring's first key, while servers go on reading and saving keys.
///
/// Each key changes by itself and only if it is still what was read, so a rotation can be broken off and begun again, and
/// two at once do no harm. Every server must have the new ring before, or it cannot open what was sealed again.
public struct KeyRotation: Sendable {
    /// What became of the keys.
    public struct Report: Sendable, Hashable {
        /// Sealed again.
        public var resealed = 0
        /// Already as they should be.
        public var current = 0
        /// Not opened by any key of the ring; they stay as they are.
        public var unreadable = 0

        public init() {}

        /// Whether the ring's other keys are needed by nobody any more.
        public var isComplete: Bool { unreadable == 0 }
    }

    private let vault: any KeyVault
    private let store: any VaultStore
    private let pageSize: Int

    /// - Parameter pageSize: how many keys are read at a time.
    public init(vault: any KeyVault, store: any VaultStore, pageSize: Int = 100) {
        self.vault = vault
        self.store = store
        self.pageSize = max(1, pageSize)
    }

    /// Seals all keys again that need it, and the canary.
    ///
    /// - Parameter progress: called with the counts so far after each page.
    /// - Throws: what the store throws; what was done until then stays done.
    public func run(progress: (Report) -> Void = { _ in }) async throws(ChatError) -> Report {
        var report = Report()
        var last: StoredKey?
        while true {
            let page = try await store.sealedKeys(after: last, limit: pageSize)
            for key in page { try await reseal(key, &report) }
            guard let next = page.last else { break }
            last = next
            progress(report)
        }
        _ = try await VaultCanary.reseal(vault, in: store)
        return report
    }

    private func reseal(_ key: StoredKey, _ report: inout Report) async throws(ChatError) {
        guard !vault.isCurrent(key.box) || key.fingerprint == nil else {
            report.current += 1
            return
        }
        let box: SealedBox
        let fingerprint: String?
        do throws(ChatError) {
            let secret = try vault.open(key.box, context: key.context)
            box = try vault.seal(secret, context: key.context)
            fingerprint = vault.fingerprint(of: secret, userID: key.userID)
        } catch {
            report.unreadable += 1
            return
        }
        // A key that was saved meanwhile was sealed by a server, with the ring it has.
        if try await store.resealKey(key, as: box, fingerprint: fingerprint) {
            report.resealed += 1
        } else {
            report.current += 1
        }
    }
}

extension StoredKey {
    /// What the sealed key is bound to.
    package var context: [String] { ChatService.context(ofKeyFor: provider, of: userID, baseURL: baseURL) }
}

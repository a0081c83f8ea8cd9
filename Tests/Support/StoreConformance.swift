public import SimpleStreamKit

/// The rules of every ``Store``, each on a fresh store.
///
/// An adapter's tests run ``checks`` one by one:
///
///     @Test(arguments: StoreConformance.checks)
///     func conforms(_ check: StoreConformance.Check) async throws {
///         let clock = ManualClock()
///         try await check.run(MyStore(now: clock.now), clock)
///     }
public enum StoreConformance {
    public struct Check: Sendable, CustomStringConvertible {
        public let description: String
        let body: @Sendable (StoreBench) async throws -> Void

        init(_ description: String, _ body: @escaping @Sendable (StoreBench) async throws -> Void) {
            self.description = description
            self.body = body
        }

        /// Runs the check on an empty store that goes by `clock`.
        ///
        /// Throws ``ConformanceFailure``.
        public func run(_ store: any Store, _ clock: ManualClock) async throws {
            try await body(StoreBench(store: store, clock: clock))
        }
    }

    public static let checks: [Check] =
        beginChecks + runChecks + conversationChecks + searchChecks + otherChecks + quotaChecks + vaultChecks
        + accountChecks + ownershipChecks + attachmentChecks
}

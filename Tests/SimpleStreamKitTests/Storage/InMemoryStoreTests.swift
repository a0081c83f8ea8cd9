import SimpleStreamKit
import TestSupport
import Testing

@Suite struct InMemoryStoreTests {
    @Test(arguments: StoreConformance.checks)
    func conforms(_ check: StoreConformance.Check) async throws {
        let clock = ManualClock()
        try await check.run(InMemoryStore(now: clock.now), clock)
    }
}

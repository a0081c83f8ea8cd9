import SimpleStreamKit
import TestSupport
import Testing

struct InProcessAdapterTests {
    @Test(arguments: PubSubConformance.checks)
    func pubSubConforms(_ check: PubSubConformance.Check) async throws {
        try await check.run(InProcessPubSub())
    }

    @Test(arguments: RunLogConformance.checks)
    func runLogConforms(_ check: RunLogConformance.Check) async throws {
        try await check.run(InProcessRunLog())
    }
}

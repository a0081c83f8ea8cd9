import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamPostgres

@Suite(.enabled(if: PostgresServer.isAvailable)) struct PostgresStoreConformanceTests {
    @Test(arguments: StoreConformance.checks)
    func conforms(_ check: StoreConformance.Check) async throws {
        try await PostgresServer.withScratchDatabase { url in
            let clock = ManualClock()
            let store = try await PostgresStore(configuration: patientConfiguration(url), now: clock.now)
            let error = await failure { try await check.run(store, clock) }
            #expect(error == nil, "\(error?.debugDescription ?? "")")
            await store.close()
        }
    }

    @Test(arguments: BlobStoreConformance.checks)
    func blobsConform(_ check: BlobStoreConformance.Check) async throws {
        try await PostgresServer.withScratchDatabase { url in
            let store = try await openStore(url)
            try await check.run(store.blobs)
            await store.close()
        }
    }
}

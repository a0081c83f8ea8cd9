import SimpleStreamKit
import SimpleStreamSQLite
import TestSupport
import Testing

@Suite struct SQLiteStoreConformanceTests {
    @Test(arguments: StoreConformance.checks)
    func conforms(_ check: StoreConformance.Check) async throws {
        try await withScratchDirectory { directory in
            let clock = ManualClock()
            let store = try await SQLiteStore(path: "\(directory)/store.sqlite", now: clock.now)
            try await check.run(store, clock)
            try await store.close()
        }
    }
}

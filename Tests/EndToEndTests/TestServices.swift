import Foundation
import TestSupport

/// The PostgreSQL and the Redis that two servers are tested on.
///
/// `Tests/Faults/with_services.py` starts them for the command it is given, and says in the environment where they are.
struct TestServices: Sendable {
    /// The database could not be made.
    struct NoDatabase: Error {
        let complaint: String
    }

    private let postgres: String
    private let redis: String
    private let psql: String

    /// Nil when one server on SQLite is to be tested.
    static let given: TestServices? = {
        let environment = ProcessInfo.processInfo.environment
        guard let postgres = environment["SS_TEST_POSTGRES"], let redis = environment["SS_TEST_REDIS"],
            let psql = environment["SS_TEST_PSQL"]
        else { return nil }
        return TestServices(postgres: postgres, redis: redis, psql: psql)
    }()

    /// Settings for servers that share what is kept for a test's directory: a database of its own.
    func environment(for directory: String) async throws -> [String: String] {
        let name = "t" + directory.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.suffix(60)
        let arguments = ["-X", "-q", "-c", "CREATE DATABASE \(name)", postgres]
        let complaint = try await ChildProcess(arguments, of: psql, environment: [:]).result().errors
        // A second server process of the same test finds it.
        guard complaint.isEmpty || complaint.contains("already exists") else { throw NoDatabase(complaint: complaint) }
        return [
            "DATABASE_URL": url(of: name), "REDIS_URL": redis,
            "ENCRYPTION_KEY": String(repeating: "0123456789abcdef", count: 4),
        ]
    }

    private func url(of database: String) -> String { postgres.replacing("/postgres?", with: "/\(database)?") }
}

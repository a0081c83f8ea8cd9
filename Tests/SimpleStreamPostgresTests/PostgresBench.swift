import Foundation
import Logging
import SimpleStreamKit
import TestSupport

@testable import SimpleStreamPostgres

/// Runs `body` with a store on an empty database of the shared server.
func withStore<R>(
    _ change: (inout PostgresConfiguration) -> Void = { _ in }, _ body: (PostgresStore, _ url: String) async throws -> R
) async throws -> R {
    try await PostgresServer.withScratchDatabase { url in
        let store = try await openStore(url, change)
        let result = try await body(store, url)
        await store.close()
        return result
    }
}

func openStore(
    _ url: String, _ change: (inout PostgresConfiguration) -> Void = { _ in }
) async throws -> PostgresStore {
    var configuration = try patientConfiguration(url)
    change(&configuration)
    return try await PostgresStore(configuration: configuration)
}

/// A configuration for a machine that does many other things at once.
func patientConfiguration(_ url: String) throws -> PostgresConfiguration {
    var configuration = try PostgresConfiguration(url: url)
    configuration.maximumConnections = 4
    configuration.connectTimeout = .seconds(60)
    configuration.acquireTimeout = .seconds(60)
    configuration.statementTimeout = .seconds(60)
    return configuration
}

/// A database whose calls wait a little only.
///
/// It has been reached once.
func impatientDatabase(_ url: String, wait: Duration, statement: Duration) async throws -> Database {
    let configuration = try PostgresConfiguration(url: url)
    let connector = Connector(
        parameters: configuration.parameters, connectTimeout: wait, statementTimeout: statement)
    let limits = ConnectionPool.Limits(connections: 1, acquireTimeout: wait)
    let database = Database(ConnectionPool(connector, limits: limits, logger: Logger(label: "test")))
    _ = try await eventually { try await database.query("SELECT 'a'") }
    return database
}

/// The error a call threw; nil when it threw none.
func failure(_ call: () async throws -> Void) async -> ChatError? {
    do {
        try await call()
        return nil
    } catch {
        // Anything else is a test's own failure, which says what it is.
        return error as? ChatError ?? ChatError(.internal, "\(error)")
    }
}

/// What is waited for has not happened.
struct NotYet: Error {}

/// Calls again and again until it succeeds.
///
/// - Throws: the last error after a minute.
func eventually<R>(_ call: () async throws -> R) async throws -> R {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
        do {
            return try await call()
        } catch {
            guard ContinuousClock.now < deadline else { throw error }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension Database {
    /// Runs one statement and returns its first column.
    @discardableResult
    func query(_ sql: String) async throws -> [String?] {
        try await read { connection in try connection.one(sql).map { $0.optionalText() } }
    }
}

extension PostgresStore {
    @discardableResult
    func query(_ sql: String) async throws -> [String?] { try await database.query(sql) }
}

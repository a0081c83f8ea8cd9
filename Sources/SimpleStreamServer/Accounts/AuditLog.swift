import Logging
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where what happens to accounts is written down.
struct AuditLog: Sendable {
    let store: any Store
    let now: @Sendable () -> Date
    let logger: Logger

    /// Writes down what a user did, and from where.
    ///
    /// What was done is not undone when it cannot be written down; the server's log then says so.
    ///
    /// - Parameters:
    ///   - detail: a few words more. Never a secret, a prompt or an answer.
    ///   - address: nil when unknown.
    /// - Returns: whether it is written down, for what must not happen otherwise.
    @discardableResult
    func note(
        _ action: AuditEntry.Action, by userID: String, _ detail: [String: String] = [:], address: String?
    ) async -> Bool {
        do throws(ChatError) {
            try await store.recordAudit(
                AuditEntry(userID: userID, action: action, detail: detail, address: address, createdAt: now()))
            return true
        } catch {
            logger.warning("An audit entry was lost", metadata: ["ss.audit.action": "\(action.rawValue)"])
            return false
        }
    }
}

/// What happened to accounts.
public protocol AuditStore: Sendable {
    /// Adds an entry. The user need not exist.
    func recordAudit(_ entry: AuditEntry) async throws(ChatError)

    /// A user's entries, newest first.
    ///
    /// - Parameters:
    ///   - id: nil begins with the newest; otherwise those before that entry, whether or not it is there.
    ///   - limit: 1 to 200.
    func auditEntries(of userID: String, before id: String?, limit: Int) async throws(ChatError) -> [AuditEntry]
}

import Logging
import SimpleStreamComposition
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The store and the vault, for commands that work beside a running server.
struct KeyTools {
    struct ImportReport {
        var imported = 0
        var present = 0
        var failed = 0

        mutating func count(_ isNew: Bool) {
            if isNew { imported += 1 } else { present += 1 }
        }
    }

    let store: any Store
    let vault: any KeyVault
    private let providers: Set<String>

    init(_ variables: Variables) async throws {
        let settings = try ServerSettings(variables)
        var logger = Logger(label: "ss-server")
        logger.logLevel = .error
        let chat = try await settings.engine.makeChatService(role: .tool, logger: logger)
        guard let vault = chat.vault else { throw ChatError(.internal, "There is no vault.") }
        store = chat.store
        self.vault = vault
        providers = Set(chat.providers.map(\.name))
    }

    /// Takes over rows of the original system; each that fails is told and left out.
    func take(
        _ rows: [JSONValue], openedWith key: [UInt8], for user: String?
    ) async throws(ChatError) -> ImportReport {
        var report = ImportReport()
        for (index, row) in rows.enumerated() {
            do throws(ChatError) {
                let isNew = try await take(row, openedWith: key, for: user)
                report.count(isNew)
            } catch {
                guard error.code == .invalidRequest else { throw error }
                Output.complain("ss-server: row \(index + 1): \(error.message)")
                report.failed += 1
            }
        }
        return report
    }

    /// False when the user has a key for that provider already.
    private func take(
        _ row: JSONValue, openedWith key: [UInt8], for user: String?
    ) async throws(ChatError) -> Bool {
        guard let object = row.object else { throw ChatError(.invalidRequest, "It is not an object.") }
        let imported = try ImportedKey(FieldReader(object))
        guard providers.contains(imported.provider) else {
            throw ChatError(.invalidRequest, "There is no provider \(imported.provider) here.")
        }
        let userID = user ?? imported.userID
        let secret = try imported.open(with: key)
        guard try await store.key(for: imported.provider, of: userID) == nil else { return false }
        let context = ChatService.context(ofKeyFor: imported.provider, of: userID, baseURL: nil)
        try await store.saveKey(
            StoredKey(
                userID: userID,
                provider: imported.provider,
                label: imported.label,
                lastFour: secret.lastFour,
                box: try vault.seal(secret, context: context),
                baseURL: nil,
                verdict: KeyVerdict(.rateLimited, "It was imported and not checked yet."),
                checkedAt: Date(),
                createdAt: Date(),
                fingerprint: vault.fingerprint(of: secret, userID: userID),
                isDefault: imported.isDefault
            ))
        return true
    }
}

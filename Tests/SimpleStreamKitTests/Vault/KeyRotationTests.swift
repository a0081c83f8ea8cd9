import Foundation
import TestSupport
import Testing

@testable import SimpleStreamKit

/// Changing the ring under stored keys.
@Suite struct KeyRotationTests {
    private let old = AESGCMKeyVault.makeKey()
    private let new = AESGCMKeyVault.makeKey()

    private func save(_ text: String, of user: String, with vault: AESGCMKeyVault, in store: any Store) async throws {
        let secret = Secret(text)
        let context = ChatService.context(ofKeyFor: "openai", of: user, baseURL: nil)
        try await store.saveKey(
            StoredKey(
                userID: user, provider: "openai", label: "", lastFour: secret.lastFour,
                box: try vault.seal(secret, context: context), baseURL: nil, verdict: KeyVerdict(.valid, ""),
                checkedAt: Date(), createdAt: Date(), fingerprint: vault.fingerprint(of: secret, userID: user)))
    }

    private func open(_ user: String, with vault: AESGCMKeyVault, in store: any Store) async throws -> String {
        let key = try #require(try await store.key(for: "openai", of: user))
        return try vault.open(key.box, context: key.context).reveal()
    }

    @Test func resealsEverythingOnce() async throws {
        let store = InMemoryStore()
        let before = try AESGCMKeyVault(keyring: "a:\(old)")
        try await VaultCanary.check(before, in: store)
        for index in 0..<25 { try await save("sk-secret-\(index)", of: "u\(index)", with: before, in: store) }
        let ring = try AESGCMKeyVault(keyring: "b:\(new),a:\(old)")
        try await VaultCanary.check(ring, in: store)
        let report = try await KeyRotation(vault: ring, store: store, pageSize: 4).run()
        #expect((report.resealed, report.current, report.unreadable) == (25, 0, 0))
        // The old key is needed no more.
        let after = try AESGCMKeyVault(keyring: "b:\(new)")
        try await VaultCanary.check(after, in: store)
        for index in 0..<25 { #expect(try await open("u\(index)", with: after, in: store) == "sk-secret-\(index)") }
        let again = try await KeyRotation(vault: after, store: store).run()
        #expect((again.resealed, again.current, again.unreadable) == (0, 25, 0))
        await #expect(throws: VaultCanary.WrongKeyring.self) { try await VaultCanary.check(before, in: store) }
    }

    @Test func whatDoesNotOpenStaysAndIsCounted() async throws {
        let store = InMemoryStore()
        try await save("sk-lost", of: "lost", with: try AESGCMKeyVault(keyring: "x:\(new)"), in: store)
        try await save("sk-kept", of: "kept", with: try AESGCMKeyVault(keyring: "a:\(old)"), in: store)
        let lost = try await store.key(for: "openai", of: "lost")
        let ring = try AESGCMKeyVault(keyring: "b:\(AESGCMKeyVault.makeKey()),a:\(old)")
        let report = try await KeyRotation(vault: ring, store: store).run()
        #expect((report.resealed, report.unreadable, report.isComplete) == (1, 1, false))
        #expect(try await store.key(for: "openai", of: "lost") == lost)
    }

    @Test func aKeySavedMeanwhileIsNotOverwritten() async throws {
        let store = InMemoryStore()
        let before = try AESGCMKeyVault(keyring: "a:\(old)")
        let ring = try AESGCMKeyVault(keyring: "b:\(new),a:\(old)")
        for index in 0..<50 { try await save("sk-first-\(index)", of: "u\(index)", with: before, in: store) }
        // Users and the rotation change the same keys at the same time.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask { _ = try await KeyRotation(vault: ring, store: store, pageSize: 3).run() }
            }
            group.addTask {
                for index in 0..<50 { try await save("sk-second-\(index)", of: "u\(index)", with: ring, in: store) }
            }
            try await group.waitForAll()
        }
        let after = try AESGCMKeyVault(keyring: "b:\(new)")
        for index in 0..<50 { #expect(try await open("u\(index)", with: after, in: store) == "sk-second-\(index)") }
    }

    @Test func aWrongRingIsFoundBeforeItSealsAnything() async throws {
        let store = InMemoryStore()
        // Keys of a version that had no canary.
        try await save("sk-old", of: "u", with: try AESGCMKeyVault(keyring: "a:\(old)"), in: store)
        let wrong = try AESGCMKeyVault(keyring: "a:\(new)")
        let error = await #expect(throws: VaultCanary.WrongKeyring.self) {
            try await VaultCanary.check(wrong, in: store)
        }
        #expect(error?.keyID == "a")
        #expect(try await store.canary(orSave: nil) == nil)
        try await VaultCanary.check(try AESGCMKeyVault(keyring: "a:\(old)"), in: store)
        await #expect(throws: VaultCanary.WrongKeyring.self) { try await VaultCanary.check(wrong, in: store) }
    }

    @Test func fingerprintsFindDuplicatesAndTellNothingElse() throws {
        let vault = try AESGCMKeyVault(keyring: "a:\(old)")
        let print = try #require(vault.fingerprint(of: Secret("sk-one"), userID: "u"))
        #expect(vault.fingerprint(of: Secret("sk-one"), userID: "u") == print)
        #expect(vault.fingerprint(of: Secret("sk-two"), userID: "u") != print)
        #expect(vault.fingerprint(of: Secret("sk-one"), userID: "v") != print)
        #expect(try AESGCMKeyVault(keyring: "a:\(new)").fingerprint(of: Secret("sk-one"), userID: "u") != print)
    }
}

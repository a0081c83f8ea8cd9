import SimpleStreamKit
import Testing

struct AESGCMKeyVaultTests {
    private let vault: AESGCMKeyVault
    private let secret = Secret("sk-test-0123456789abcdefghij")
    private let context = ["user", "openai", "https://api.openai.com/v1"]

    init() throws { vault = try AESGCMKeyVault(keyring: AESGCMKeyVault.makeKey()) }

    @Test func opensWhatItSealed() throws {
        let box = try vault.seal(secret, context: context)
        #expect(box.nonce.count == 12)
        #expect(box.tag.count == 16)
        #expect(box.ciphertext.count == secret.reveal().utf8.count)
        #expect(try vault.open(box, context: context) == secret)
    }

    @Test func everyNonceIsNew() throws {
        let nonces = try (0..<200).map { _ in try vault.seal(secret, context: context).nonce }
        #expect(Set(nonces).count == 200)
    }

    @Test(arguments: [
        ["other", "openai", "https://api.openai.com/v1"], ["user", "xai", "https://api.openai.com/v1"],
        ["user", "openai", "https://evil.example/v1"], ["user", "openai"],
        ["useropenai", "", "https://api.openai.com/v1"],
    ])
    func isBoundToItsContext(other: [String]) throws {
        let box = try vault.seal(secret, context: context)
        #expect(throws: ChatError.self) { try vault.open(box, context: other) }
    }

    @Test func doesNotOpenWhatWasChanged() throws {
        let box = try vault.seal(secret, context: context)
        var changed: [SealedBox] = []
        for index in box.ciphertext.indices {
            var copy = box
            copy.ciphertext[index] ^= 1
            changed.append(copy)
        }
        for index in box.tag.indices {
            var copy = box
            copy.tag[index] ^= 0x80
            changed.append(copy)
        }
        for index in box.nonce.indices {
            var copy = box
            copy.nonce[index] ^= 1
            changed.append(copy)
        }
        changed.append(SealedBox(keyID: "2", nonce: box.nonce, ciphertext: box.ciphertext, tag: box.tag))
        changed.append(
            SealedBox(keyID: "1", nonce: box.nonce, ciphertext: box.ciphertext, tag: Array(box.tag.prefix(12))))
        changed.append(SealedBox(keyID: "1", nonce: [], ciphertext: [], tag: []))
        for box in changed {
            #expect(throws: ChatError.self) { try vault.open(box, context: context) }
        }
    }

    @Test func rotates() throws {
        let (old, new) = (AESGCMKeyVault.makeKey(), AESGCMKeyVault.makeKey())
        let before = try AESGCMKeyVault(keyring: "a:\(old)").seal(secret, context: context)
        let ring = try AESGCMKeyVault(keyring: "b:\(new), a:\(old)")
        #expect(try ring.open(before, context: context) == secret)
        #expect(try ring.seal(secret, context: context).keyID == "b")
        #expect(throws: ChatError.self) { try AESGCMKeyVault(keyring: "b:\(new)").open(before, context: context) }
    }

    @Test(arguments: ["", "zz", "00", "a:", ":00", "a:00,a:00", String(repeating: "0", count: 63), "a:b:c"])
    func refusesBadKeyringsWithoutQuotingThem(keyring: String) {
        let error = #expect(throws: ChatError.self) { try AESGCMKeyVault(keyring: keyring) }
        #expect(error?.code == .invalidRequest)
    }

    @Test func vaultsDoNotPrint() throws {
        let hex = String(repeating: "5a", count: 32)
        let vault = try AESGCMKeyVault(keyring: "a:\(hex)")
        var dumped = ""
        dump(vault, to: &dumped)
        for text in ["\(vault)", String(reflecting: vault), dumped] {
            #expect(text.contains("a"))
            #expect(!text.contains("5a5a") && !text.contains("90, 90") && !text.contains("- 90"))
        }
    }

    @Test func secretsDoNotPrint() {
        var dumped = ""
        dump(secret, to: &dumped)
        var nested = ""
        dump(Credential(key: secret), to: &nested)
        for text in [
            "\(secret)", String(reflecting: secret), dumped, nested, "\([secret])", "\(Credential(key: secret))",
        ] {
            #expect(!text.contains("0123456789"))
        }
        #expect(!((secret as Any) is any Encodable))
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(secret.lastFour == "ghij")
        #expect(Secret("short").lastFour.isEmpty)
    }
}

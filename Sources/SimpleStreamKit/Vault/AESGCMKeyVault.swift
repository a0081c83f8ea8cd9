import Crypto

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Seals secrets with AES-256-GCM: a random nonce of 12 bytes and a tag of 16 for each.
///
/// The format's version, the key's id and the context are authenticated with the secret, each with its length, so a box
/// that was moved to another owner, edited or cut does not open.
public struct AESGCMKeyVault: KeyVault {
    /// The keys, by id. The first one seals, all of them open.
    private let keys: [(id: String, key: SymmetricKey)]

    /// Makes a vault of one or more 32-byte keys.
    ///
    /// - Parameter keys: the first seals; the others open what they sealed before.
    /// - Throws: `invalid_request` when there is no key, an id comes twice, or a key is not 32 bytes long.
    public init(keys: [(id: String, bytes: [UInt8])]) throws(ChatError) {
        guard !keys.isEmpty else { throw FieldReader.wrong("The encryption key", "given") }
        guard Set(keys.map(\.id)).count == keys.count else {
            throw FieldReader.wrong("The ids of encryption keys", "different from each other")
        }
        guard keys.allSatisfy({ $0.bytes.count == 32 }) else {
            throw FieldReader.wrong("An encryption key", "32 bytes, written as 64 hexadecimal digits")
        }
        self.keys = keys.map { ($0.id, SymmetricKey(data: $0.bytes)) }
    }

    /// Reads a keyring: 64 hexadecimal digits, or a list `id:hex,id:hex` whose first key seals.
    ///
    /// - Throws: `invalid_request`; the message never holds a part of a key.
    public init(keyring: String) throws(ChatError) {
        var keys: [(id: String, bytes: [UInt8])] = []
        for entry in keyring.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = entry.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let id = parts.count == 2 ? (parts.first ?? "").trimmingWhitespace : "1"
            guard !id.isEmpty, id.utf8.count <= 64, let bytes = [UInt8](hex: (parts.last ?? "").trimmingWhitespace)
            else {
                throw FieldReader.wrong(
                    "The encryption key", "64 hexadecimal digits, or a list id:hex,id:hex of such keys")
            }
            keys.append((id, bytes))
        }
        try self.init(keys: keys)
    }

    /// A new random key, as 64 hexadecimal digits.
    public static func makeKey() -> String {
        // Sound: the bytes are copied while the closure runs.
        unsafe SymmetricKey(size: .bits256).withUnsafeBytes { bytes in unsafe Array(bytes) }.hex
    }

    /// The ids of the keys, the sealing one first.
    public var keyIDs: [String] { keys.map(\.id) }

    public func seal(_ secret: Secret, context: [String]) throws(ChatError) -> SealedBox {
        guard let (id, key) = keys.first else { throw ChatError(.internal, "The key could not be encrypted.") }
        do {
            let box = try AES.GCM.seal(
                Array(secret.reveal().utf8), using: key, authenticating: Self.bind(keyID: id, context: context))
            return SealedBox(
                keyID: id, nonce: Array(box.nonce), ciphertext: Array(box.ciphertext), tag: Array(box.tag))
        } catch {
            throw ChatError(.internal, "The key could not be encrypted.")
        }
    }

    public func open(_ box: SealedBox, context: [String]) throws(ChatError) -> Secret {
        guard let key = keys.first(where: { $0.id == box.keyID })?.key else {
            throw ChatError(.internal, "The stored key was encrypted with a key this server does not have.")
        }
        do {
            guard box.nonce.count == 12, box.tag.count == 16 else { throw CryptoKitError.incorrectParameterSize }
            let sealed = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: box.nonce), ciphertext: box.ciphertext, tag: box.tag)
            let bytes = try AES.GCM.open(
                sealed, using: key, authenticating: Self.bind(keyID: box.keyID, context: context))
            return Secret(String(decoding: bytes, as: UTF8.self))
        } catch {
            throw ChatError(.internal, "The stored key does not open. Save it again.")
        }
    }

    public func isCurrent(_ box: SealedBox) -> Bool { box.keyID == keys.first?.id }

    /// HMAC-SHA256 under a key of its own, derived from the sealing key.
    public func fingerprint(of secret: Secret, userID: String) -> String? {
        guard let (id, key) = keys.first else { return nil }
        let own = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("simple-stream/1 fingerprint".utf8), outputByteCount: 32)
        let code = HMAC<SHA256>.authenticationCode(
            for: Self.bind(keyID: id, context: [userID, secret.reveal()]), using: own)
        return "\(id):\(Array(code.prefix(16)).hex)"
    }

    /// What is authenticated besides the secret.
    private static func bind(keyID: String, context: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in ["simple-stream/1", keyID] + context {
            bytes.appendInteger(UInt32(clamping: part.utf8.count))
            bytes += part.utf8
        }
        return bytes
    }
}

extension AESGCMKeyVault: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "AESGCMKeyVault(\(keyIDs.joined(separator: ", ")))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["keyIDs": keyIDs]) }
}

extension Substring {
    fileprivate var trimmingWhitespace: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

extension [UInt8] {
    /// Lower-case hexadecimal digits, two a byte.
    package var hex: String {
        let digits = Array<UInt8>("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The bytes of hexadecimal digits; nil when there are others or their number is odd.
    package init?(hex text: String) {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        let values = digits.compactMap(\.self)
        self = stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}

import Crypto

/// A row of the original Simple Stream's `UserApiKey` table.
///
/// It holds an AES-256-GCM ciphertext without additional data: a nonce of 16 bytes, a tag of 16 and the text, each as
/// hexadecimal digits.
public struct ImportedKey: Sendable {
    public var userID: String
    /// As the provider is called here.
    public var provider: String
    public var label: String
    public var isDefault: Bool
    private let nonce: [UInt8]
    private let tag: [UInt8]
    private let ciphertext: [UInt8]

    /// Reads a row: `userId`, `provider`, `apiKey`, `iv`, `authTag`, and maybe `label` and `isDefault`.
    ///
    /// - Throws: `invalid_request` that names the field.
    package init(_ fields: FieldReader) throws(ChatError) {
        userID = try fields.requiredID("userId")
        let name = try fields.requiredID("provider").lowercased()
        provider = name == "grok" ? "xai" : name
        label = try fields.string("label", upTo: 100) ?? ""
        isDefault = try fields.bool("isDefault") ?? false
        nonce = try Self.bytes("iv", fields, count: 16)
        tag = try Self.bytes("authTag", fields, count: 16)
        ciphertext = try Self.bytes("apiKey", fields, count: nil)
    }

    private static func bytes(_ name: String, _ fields: FieldReader, count: Int?) throws(ChatError) -> [UInt8] {
        let text = try fields.requiredString(name, upTo: 16_384)
        guard let bytes = [UInt8](hex: text), !bytes.isEmpty, bytes.count == count ?? bytes.count else {
            throw FieldReader.wrong(name, count.map { "\(2 * $0) hexadecimal digits" } ?? "hexadecimal digits")
        }
        return bytes
    }

    /// Decrypts the row.
    ///
    /// - Parameter key: the original's `ENCRYPTION_KEY`, 32 bytes.
    /// - Throws: `invalid_request` when it does not open.
    public func open(with key: [UInt8]) throws(ChatError) -> Secret {
        guard key.count == 32 else {
            throw FieldReader.wrong("The original's ENCRYPTION_KEY", "64 hexadecimal digits")
        }
        do {
            let box = try AES.GCM.SealedBox(nonce: AES.GCM.Nonce(data: nonce), ciphertext: ciphertext, tag: tag)
            let bytes = try AES.GCM.open(box, using: SymmetricKey(data: key))
            if let text = String(validating: bytes, as: UTF8.self), !text.isEmpty { return Secret(text) }
        } catch {
            // Which of the two is wrong cannot be told.
        }
        throw ChatError(.invalidRequest, "The row does not open with this key.")
    }
}

import Crypto

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Random texts that let their holder in. Only their hash is ever stored.
public enum AccessToken {
    /// What API tokens begin with, so that people and scanners recognise one that leaked.
    public static let apiPrefix = "sst_"

    /// A new token: 256 random bits as 43 characters of base64url, after `prefix`.
    public static func make(prefix: String = "") -> Secret {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Secret(prefix + bytes.base64URL)
    }

    /// What a store keeps of a token: its SHA-256 as lower-case hexadecimal digits.
    ///
    /// A token has all the entropy a hash can use, so there is nothing to salt and nothing to stretch.
    public static func hash(_ token: String) -> String { Array(SHA256.hash(data: Array(token.utf8))).hex }
}

extension [UInt8] {
    /// Base64 with `-` and `_`, without padding.
    package var base64URL: String {
        Data(self).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The bytes of base64url without padding; nil when there is anything else in it.
    package init?(base64URL text: some StringProtocol) {
        let digits = Array(text.utf8)
        let isDigit = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard digits.allSatisfy(isDigit), digits.count % 4 != 1 else { return nil }
        let standard = String(decoding: digits, as: UTF8.self).replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - digits.count % 4) % 4)
        guard let data = Data(base64Encoded: standard + padding) else { return nil }
        self.init(data)
    }
}

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A `data:` URL with base64 content.
package struct DataURL: Sendable, Hashable {
    package var mime: String
    package var bytes: [UInt8]

    package init(mime: String, bytes: [UInt8]) {
        self.mime = mime
        self.bytes = bytes
    }

    /// Reads `data:image/png;base64,…`; nil for any other URL.
    package init?(_ text: String) {
        guard text.hasPrefix("data:"), let comma = text.firstIndex(of: ",") else { return nil }
        let head = text[..<comma].dropFirst(5)
        guard head.hasSuffix(";base64"), let bytes = Base64.decode(text[text.index(after: comma)...]) else {
            return nil
        }
        self.init(mime: String(head.prefix { $0 != ";" }), bytes: bytes)
    }

    /// The URL.
    package var text: String { "data:\(mime);base64,\(Base64.encode(bytes))" }
}

/// Base64 with padding.
package enum Base64 {
    package static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// The bytes; nil for what is not base64.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        Data(base64Encoded: String(text)).map(Array.init)
    }
}

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A file that goes with a prompt.
struct AttachmentFile: Sendable {
    /// The most one file may hold.
    static let limit = 20 << 20

    let name: String
    /// As its bytes tell, whatever its name says.
    let mime: String
    let bytes: [UInt8]

    /// - Throws: `CommandFailure` for what cannot be read or sent.
    init(path: String) throws(CommandFailure) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw CommandFailure.usage("--attach: \(path) cannot be read.")
        }
        bytes = Array(data)
        name = path.split(separator: "/").last.map(String.init) ?? "file"
        guard !bytes.isEmpty, bytes.count <= Self.limit else {
            throw CommandFailure.usage("--attach: \(path) has \(bytes.count) bytes; accepted are 1 to \(Self.limit).")
        }
        guard let mime = Self.mime(of: bytes) else {
            throw CommandFailure.usage(
                "--attach: \(path) is none of PNG, JPEG, GIF, WebP and PDF. Text can be piped in instead.")
        }
        self.mime = mime
    }

    /// The bytes, for a store.
    var chunks: AsyncThrowingStream<[UInt8], any Error> {
        AsyncThrowingStream { continuation in
            continuation.yield(bytes)
            continuation.finish()
        }
    }

    /// What the first bytes say it is; nil for anything a model could not be shown.
    static func mime(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if bytes.starts(with: "GIF87a".utf8) || bytes.starts(with: "GIF89a".utf8) { return "image/gif" }
        if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) { return "image/webp" }
        if bytes.starts(with: "%PDF-".utf8) { return "application/pdf" }
        return nil
    }
}

/// The types of files that are taken, told by their bytes.
enum SniffedType: String, Sendable {
    case png = "image/png"
    case jpeg = "image/jpeg"
    case gif = "image/gif"
    case webp = "image/webp"
    case pdf = "application/pdf"
    case text = "text/plain"

    /// How many of the first bytes tell.
    static let prefixLength = 16

    /// Whether browsers may show it in place.
    var isPicture: Bool {
        switch self {
        case .png, .jpeg, .gif, .webp: true
        case .pdf, .text: false
        }
    }

    /// The type of what begins with these bytes; nil when only the whole can tell whether it is text.
    init?(prefix bytes: [UInt8]) {
        func begins(_ magic: [UInt8]) -> Bool { bytes.starts(with: magic) }
        if begins([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if begins([0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if begins(Array("GIF87a".utf8)) || begins(Array("GIF89a".utf8)) {
            self = .gif
        } else if begins(Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) {
            self = .webp
        } else if begins(Array("%PDF-".utf8)) {
            self = .pdf
        } else {
            return nil
        }
    }
}

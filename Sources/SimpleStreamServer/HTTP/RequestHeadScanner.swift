import NIOCore

/// Finds the end of one request head in the bytes and keeps its size within bounds, before any parser sees it.
///
/// It also refuses what parsers read differently from each other: control characters, bare CR or LF, folded fields.
struct RequestHeadScanner {
    enum Outcome: Equatable {
        /// All bytes belong to the head and more must come.
        case needsMore
        /// The head ends after that many of the bytes.
        case complete(Int)
        case refused(HTTPRefusal)
    }

    private enum Place {
        case method
        case target
        case afterTarget
        case field
    }

    private let limits: HTTPLimits
    private var place = Place.method
    private var bytesSeen = 0
    private var fields = 0
    private var targetBytes = 0
    private var lineBytes = 0
    private var lastWasCR = false

    init(limits: HTTPLimits) { self.limits = limits }

    mutating func scan(_ bytes: ByteBufferView) -> Outcome {
        var count = 0
        for byte in bytes {
            count += 1
            bytesSeen += 1
            guard bytesSeen <= limits.headBytes else {
                return .refused(place == .target ? .targetTooLong : .headTooLarge)
            }
            if lastWasCR {
                guard byte == UInt8(ascii: "\n") else { return .refused(.badRequest("A line must end with CR LF.")) }
                lastWasCR = false
                if endLine() { return .complete(count) }
                continue
            }
            if byte == UInt8(ascii: "\r") {
                lastWasCR = true
                continue
            }
            guard byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t") else {
                return .refused(.badRequest("The request head contains a control character."))
            }
            if let refusal = take(byte) { return .refused(refusal) }
        }
        return .needsMore
    }

    /// - Returns: whether the head is complete.
    private mutating func endLine() -> Bool {
        defer { lineBytes = 0 }
        if place == .field { return lineBytes == 0 }
        // Empty lines before the request line are skipped (RFC 9112, 2.2).
        if lineBytes > 0 { place = .field }
        return false
    }

    private mutating func take(_ byte: UInt8) -> HTTPRefusal? {
        lineBytes += 1
        let isSpace = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
        switch place {
        case .method:
            if isSpace { place = .target }
        case .target:
            if isSpace {
                place = .afterTarget
            } else {
                targetBytes += 1
                if targetBytes > limits.targetBytes { return .targetTooLong }
            }
        case .afterTarget:
            break
        case .field:
            guard lineBytes == 1 else { break }
            if isSpace { return .badRequest("A header field must be on one line.") }
            fields += 1
            if fields > limits.headFields { return .headTooLarge }
        }
        return nil
    }
}

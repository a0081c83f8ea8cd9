import SimpleStreamKit

/// Frames as they are kept in a stream and go over channels: the same bytes in both places.
///
/// `SSF1`, 16 bytes that name the node that wrote them, then each frame: kind, first and last sequence number, where the
/// delta begins and ends, run, sender, JSON. Numbers are of four bytes, least significant first; run and sender have a byte
/// for their length before them, the JSON four.
enum FrameCoding {
    static let magic: [UInt8] = Array("SSF1".utf8)
    static let nodeSize = 16

    /// - Returns: nil when a frame does not fit its fields.
    static func encode(_ frames: [Frame], from node: [UInt8]) -> [UInt8]? {
        var bytes = magic
        bytes.reserveCapacity(frames.reduce(magic.count + node.count) { $0 + $1.json.count + 80 })
        bytes += node
        for frame in frames {
            guard let first = UInt32(exactly: frame.fromSeq), let last = UInt32(exactly: frame.seq),
                let start = UInt32(exactly: frame.delta.lowerBound), let end = UInt32(exactly: frame.delta.upperBound),
                let size = UInt32(exactly: frame.json.count)
            else { return nil }
            bytes.append(frame.kind.rawValue)
            for number in [first, last, start, end] { append(number, to: &bytes) }
            guard append(frame.messageID, to: &bytes), append(frame.senderID, to: &bytes) else { return nil }
            append(size, to: &bytes)
            bytes += frame.json
        }
        return bytes
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) -> Bool {
        guard let length = UInt8(exactly: text.utf8.count) else { return false }
        bytes.append(length)
        bytes += text.utf8
        return true
    }

    /// Whether `node` wrote it.
    static func isWritten(_ bytes: [UInt8], by node: [UInt8]) -> Bool {
        bytes.count >= magic.count + nodeSize && bytes[magic.count...].starts(with: node)
    }

    /// The frames, checked: what is handed out can be joined, numbered and sent to clients as it is.
    ///
    /// - Returns: nil when anything is wrong with any of them.
    static func decode(_ bytes: [UInt8]) -> [Frame]? {
        guard bytes.count >= magic.count + nodeSize, bytes.starts(with: magic) else { return nil }
        var rest = bytes[(magic.count + nodeSize)...]
        var frames: [Frame] = []
        while !rest.isEmpty {
            guard let frame = frame(from: &rest) else { return nil }
            frames.append(frame)
        }
        return frames
    }

    private static func frame(from rest: inout ArraySlice<UInt8>) -> Frame? {
        guard let rawKind = rest.popFirst(), let kind = Frame.Kind(rawValue: rawKind),
            let first = number(from: &rest), let last = number(from: &rest),
            let start = number(from: &rest), let end = number(from: &rest),
            let messageID = text(from: &rest), let senderID = text(from: &rest),
            let size = number(from: &rest), rest.count >= size
        else { return nil }
        let json = Array(rest.prefix(size))
        rest = rest.dropFirst(size)
        guard isNumbered(kind, first, last), isObject(json), hasDelta(kind, start, end, of: json),
            hasFirst(first, last, after: end, in: json)
        else { return nil }
        return Frame(
            kind: kind, messageID: messageID, fromSeq: first, seq: last, json: json, delta: start..<end,
            senderID: senderID)
    }

    private static func number(from rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.count >= 4 else { return nil }
        let value = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
        return value
    }

    private static func text(from rest: inout ArraySlice<UInt8>) -> String? {
        guard let length = rest.popFirst(), rest.count >= Int(length) else { return nil }
        defer { rest = rest.dropFirst(Int(length)) }
        return String(validating: rest.prefix(Int(length)), as: UTF8.self)
    }

    // MARK: Checks

    private static func isNumbered(_ kind: Frame.Kind, _ first: Int, _ last: Int) -> Bool {
        kind == .notice ? first == 0 && last == 0 : first >= 1 && first <= last
    }

    /// A line of UTF-8 in braces: what is inside is for the client, but it must not break an event stream or a socket.
    private static func isObject(_ json: [UInt8]) -> Bool {
        guard json.first == UInt8(ascii: "{"), json.last == UInt8(ascii: "}"), json.count >= 2 else { return false }
        var isASCII: UInt8 = 0
        for byte in json {
            guard byte >= 0x20 else { return false }
            isASCII |= byte
        }
        return isASCII < 0x80 || String(validating: json, as: UTF8.self) != nil
    }

    /// A joined frame says last where it begins; that is cut off when it is joined again.
    private static func hasFirst(_ first: Int, _ last: Int, after end: Int, in json: [UInt8]) -> Bool {
        guard end > 0, first != last else { return true }
        let tail = Array(#","fromSeq":\#(first)}"#.utf8)
        return json.count - end >= tail.count && json.suffix(tail.count).elementsEqual(tail)
    }

    /// A delta stands between two quotes and has none in it, so that two can be put side by side.
    private static func hasDelta(_ kind: Frame.Kind, _ start: Int, _ end: Int, of json: [UInt8]) -> Bool {
        guard kind == .text || kind == .thinking else { return start == 0 && end == 0 }
        guard start >= 1, start <= end, end < json.count, json[start - 1] == UInt8(ascii: "\""),
            json[end] == UInt8(ascii: "\"")
        else { return false }
        var isEscaped = false
        for byte in json[start..<end] {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                return false
            } else {
                isEscaped = byte == UInt8(ascii: "\\")
            }
        }
        return !isEscaped
    }
}

/// A numbered frame as the journal keeps it: of a delta only its text, of any other event the whole JSON.
package struct JournalRecord: Hashable, Sendable {
    package var kind: Frame.Kind
    package var messageID: String
    package var fromSeq: Int
    package var seq: Int
    /// Escaped JSON text without quotes for deltas, a JSON object otherwise.
    package var payload: ArraySlice<UInt8>

    package init(_ frame: Frame) {
        kind = frame.kind
        messageID = frame.messageID
        fromSeq = frame.fromSeq
        seq = frame.seq
        payload = frame.delta.isEmpty ? frame.json[...] : frame.json[frame.delta]
    }

    /// Reads one record from the front of `bytes`; nil when they are not one.
    init?(decoding bytes: inout ArraySlice<UInt8>) {
        var rest = bytes
        guard let rawKind = rest.popFirst(), let kind = Frame.Kind(rawValue: rawKind),
            let fromSeq = rest.popInteger(UInt32.self), let seq = rest.popInteger(UInt32.self),
            let idLength = rest.popFirst(), rest.count >= Int(idLength)
        else { return nil }
        let id = rest.prefix(Int(idLength))
        rest = rest.dropFirst(Int(idLength))
        guard let length = rest.popInteger(UInt32.self), rest.count >= Int(length) else { return nil }
        self.kind = kind
        messageID = String(decoding: id, as: UTF8.self)
        self.fromSeq = Int(fromSeq)
        self.seq = Int(seq)
        payload = rest.prefix(Int(length))
        bytes = rest.dropFirst(Int(length))
    }

    /// Appends the record's bytes. A record that does not fit its fields is not appended: false.
    func encode(into bytes: inout [UInt8]) -> Bool {
        let id = Array(messageID.utf8)
        guard let idLength = UInt8(exactly: id.count), let from = UInt32(exactly: fromSeq),
            let to = UInt32(exactly: seq), let length = UInt32(exactly: payload.count)
        else { return false }
        bytes.append(kind.rawValue)
        bytes.appendInteger(from)
        bytes.appendInteger(to)
        bytes.append(idLength)
        bytes += id
        bytes.appendInteger(length)
        bytes += payload
        return true
    }
}

extension Array<UInt8> {
    /// Appends an integer, least significant byte first.
    mutating func appendInteger(_ value: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func replaceInteger(at offset: Int, with value: UInt32) {
        for (index, shift) in stride(from: UInt32(0), to: 32, by: 8).enumerated() {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> shift)
        }
    }
}

extension ArraySlice<UInt8> {
    /// Takes an integer from the front, least significant byte first; nil when there are too few bytes.
    mutating func popInteger(_: UInt32.Type) -> UInt32? {
        guard count >= 4 else { return nil }
        var value: UInt32 = 0
        for (index, byte) in prefix(4).enumerated() { value |= UInt32(byte) << UInt32(index * 8) }
        removeFirst(4)
        return value
    }
}

/// The journal's file format: blocks of `SSJ1`, length, CRC-32 of the payload, payload; the payload is records.
///
/// A block is what one write brought. Reading skips what is damaged and goes on at the next block.
enum JournalCoding {
    static let magic: [UInt8] = Array("SSJ1".utf8)
    static let headerSize = 12
    /// No block is longer; a length beyond it is damage.
    static let maxPayload = 64 << 20

    /// Puts a block of `records` into `block`, in place of what it held.
    static func encode(_ records: some Sequence<JournalRecord>, into block: inout [UInt8]) -> Bool {
        block.removeAll(keepingCapacity: true)
        block += magic
        block.appendInteger(0)
        block.appendInteger(0)
        for record in records {
            guard record.encode(into: &block) else { return false }
        }
        guard block.count - headerSize <= maxPayload, let length = UInt32(exactly: block.count - headerSize) else {
            return false
        }
        block.replaceInteger(at: 4, with: length)
        block.replaceInteger(at: 8, with: CRC32.checksum(of: block[headerSize...]))
        return true
    }

    /// All whole records of a file, and how many bytes had to be skipped.
    static func decode(_ file: [UInt8]) -> (records: [JournalRecord], skipped: Int) {
        var records: [JournalRecord] = []
        var skipped = 0
        var offset = 0
        while offset < file.count {
            if let (block, end) = decodeBlock(file[offset...]) {
                records += block
                offset = end
            } else {
                let next = nextMagic(in: file, from: offset + 1)
                skipped += next - offset
                offset = next
            }
        }
        return (records, skipped)
    }

    private static func decodeBlock(_ bytes: ArraySlice<UInt8>) -> (records: [JournalRecord], end: Int)? {
        var rest = bytes
        guard rest.starts(with: magic) else { return nil }
        rest = rest.dropFirst(magic.count)
        guard let length = rest.popInteger(UInt32.self), let checksum = rest.popInteger(UInt32.self),
            length <= maxPayload, rest.count >= Int(length)
        else { return nil }
        var payload = rest.prefix(Int(length))
        guard CRC32.checksum(of: payload) == checksum else { return nil }
        let end = payload.endIndex
        var records: [JournalRecord] = []
        while !payload.isEmpty {
            guard let record = JournalRecord(decoding: &payload) else { return nil }
            records.append(record)
        }
        return (records, end)
    }

    private static func nextMagic(in file: [UInt8], from start: Int) -> Int {
        var index = start
        while index + magic.count <= file.count {
            if file[index] == magic[0], file[index...].starts(with: magic) { return index }
            index += 1
        }
        return file.count
    }
}

/// CRC-32 as in IEEE 802.3.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        let table = table
        var value = ~UInt32(0)
        for byte in bytes { value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ (value >> 8) }
        return ~value
    }
}

import SimpleStreamKit

/// The values of a statement's parameters in one piece of memory, as libpq takes them.
///
/// Texts go in binary form, which for them is their bytes, so that nothing is quoted; U+0000, which PostgreSQL cannot
/// hold, goes as U+FFFD.
struct ParameterBuffer {
    private(set) var bytes: [UInt8] = []
    /// Where each value begins; -1 for null.
    private(set) var offsets: [Int] = []
    private(set) var lengths: [Int32] = []
    /// 1 is binary, 0 is text.
    private(set) var formats: [Int32] = []

    init(_ parameters: [Parameter]) {
        bytes.reserveCapacity(parameters.count * 40)
        for parameter in parameters { append(parameter) }
        // So that an empty value has a place, too; without one it would be null.
        bytes.append(0)
    }

    private mutating func append(_ parameter: Parameter) {
        let start = bytes.count
        switch parameter {
        case .null:
            offsets.append(-1)
            lengths.append(0)
            formats.append(0)
            return
        case .text(let text): bytes.append(contentsOf: text.asStored.utf8)
        case .bytes(let blob): bytes.append(contentsOf: blob)
        case .bool(let flag): bytes.append(flag ? 1 : 0)
        case .int(let number): return appendText(of: number)
        case .texts(let texts):
            append(array: texts, of: 25) { bytes, text in bytes.append(contentsOf: text.asStored.utf8) }
        case .ints(let numbers): append(array: numbers, of: 20) { bytes, number in bytes.append(bigEndian: number) }
        }
        offsets.append(start)
        lengths.append(Int32(clamping: bytes.count - start))
        formats.append(1)
    }

    /// In text form, because its column may be any kind of number.
    private mutating func appendText(of number: Int64) {
        offsets.append(bytes.count)
        bytes.append(contentsOf: String(number).utf8)
        bytes.append(0)
        lengths.append(0)
        formats.append(0)
    }

    /// One dimension from index 1, with nulls; `type` is the element's OID.
    private mutating func append<Element>(
        array: [Element?], of type: Int32, _ write: (inout [UInt8], Element) -> Void
    ) {
        for number in [array.isEmpty ? 0 : 1, 1, type] { bytes.append(bigEndian: number) }
        if array.isEmpty { return }
        bytes.append(bigEndian: Int32(clamping: array.count))
        bytes.append(bigEndian: Int32(1))
        for element in array {
            let lengthAt = bytes.count
            bytes.append(bigEndian: Int32(-1))
            guard let element else { continue }
            write(&bytes, element)
            let length = Int32(clamping: bytes.count - lengthAt - 4)
            for index in 0..<4 {
                bytes[lengthAt + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * Int32(index)))
            }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}

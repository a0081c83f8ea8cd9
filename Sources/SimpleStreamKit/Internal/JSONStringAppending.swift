extension [UInt8] {
    /// Appends `text` as a JSON string with its quotation marks.
    package mutating func appendJSONString(_ text: String) {
        append(UInt8(ascii: "\""))
        appendJSONEscaped(text.utf8)
        append(UInt8(ascii: "\""))
    }

    /// Appends UTF-8 as it stands inside a JSON string. `text` must be valid UTF-8.
    package mutating func appendJSONEscaped(_ text: some Collection<UInt8>) {
        let wasContiguous: Void? = text.withContiguousStorageIfAvailable { bytes in
            // Sound: read only while the closure runs.
            unsafe appendJSONEscaped(UnsafeRawBufferPointer(bytes))
        }
        if wasContiguous == nil { appendJSONEscaped(Array(text)) }
    }

    private mutating func appendJSONEscaped(_ bytes: UnsafeRawBufferPointer) {
        var start = 0
        while start < bytes.count {
            let stop = unsafe ByteScan.firstIndex(in: bytes, start..<bytes.count, where: Lanes.needEscape)
            // Sound: both bounds lie within the buffer.
            unsafe append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<(stop ?? bytes.count)]))
            guard let stop else { return }
            appendJSONEscape(unsafe bytes[stop])
            start = stop + 1
        }
    }

    private mutating func appendJSONEscape(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        default:
            self += "u00".utf8
            append(UInt8(ascii: byte < 0x10 ? "0" : "1"))
            let digit = byte & 0x0F
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

/// The XOR that RFC 6455 section 5.3 lays over every client payload.
enum WebSocketMask {
    /// Unmasks the end of an array in place, eight bytes at a time.
    ///
    /// - Parameters:
    ///   - mask: the four masking bytes, the first one in the lowest byte.
    ///   - start: where the masked bytes begin.
    ///   - offset: how many bytes of the frame's payload came before them.
    static func apply(_ mask: UInt32, to bytes: inout [UInt8], from start: Int, offset: Int) {
        guard mask != 0, start < bytes.count else { return }
        let turn = UInt32(8 * (offset & 3))
        let turned = turn == 0 ? mask : mask >> turn | mask << (32 - turn)
        let word = UInt64(turned) << 32 | UInt64(turned)
        unsafe bytes.withUnsafeMutableBytes { all in
            var index = start
            // `index + 8 <= count` keeps every load and store inside the array.
            while index + 8 <= all.count {
                let value = unsafe UInt64(littleEndian: all.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                unsafe all.storeBytes(of: (value ^ word).littleEndian, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            var rest = word
            while index < all.count {
                unsafe all[index] ^= UInt8(truncatingIfNeeded: rest)
                rest >>= 8
                index += 1
            }
        }
    }
}

/// A block of addresses, like `10.0.0.0/8`.
package struct IPPrefix: Sendable, Hashable {
    private let base: IPAddress
    private let length: Int

    /// Reads a block, or a single address.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let base = IPAddress(first) else { return nil }
        let bits = base.bytes.count * 8
        guard parts.count == 2 else {
            self.base = base
            length = bits
            return
        }
        guard let length = Int(parts[1]), (0...bits).contains(length) else { return nil }
        self.base = base
        self.length = length
    }

    /// Whether an address of the same kind lies in the block.
    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        let whole = length / 8
        guard address.bytes.prefix(whole).elementsEqual(base.bytes.prefix(whole)) else { return false }
        let rest = length % 8
        guard rest > 0 else { return true }
        let mask = UInt8.max << UInt8(8 - rest)
        return address.bytes[whole] & mask == base.bytes[whole] & mask
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An IPv4 or IPv6 address.
package struct IPAddress: Sendable, Hashable {
    /// Four or sixteen, in network order.
    package let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads an address as text, without brackets; an interface after `%` is left out.
    package init?(_ text: some StringProtocol) {
        let text = String(text.prefix { $0 != "%" })
        if let bytes = Self.parse(text, AF_INET, count: 4) ?? Self.parse(text, AF_INET6, count: 16) {
            self.init(bytes: bytes)
        } else {
            return nil
        }
    }

    /// Reads a `sockaddr`, which must be as long as its family says; nil for families other than IP.
    @unsafe
    package init?(socketAddress: UnsafeRawPointer, family: Int32) {
        switch family {
        case AF_INET:
            let address = unsafe socketAddress.loadUnaligned(as: sockaddr_in.self)
            self.init(bytes: unsafe withUnsafeBytes(of: address.sin_addr) { unsafe Array($0) })
        case AF_INET6:
            let address = unsafe socketAddress.loadUnaligned(as: sockaddr_in6.self)
            self.init(bytes: unsafe withUnsafeBytes(of: address.sin6_addr) { unsafe Array($0) })
        default:
            return nil
        }
    }

    /// The IPv4 address that an IPv6 address stands for: mapped (`::ffff:0:0/96`) or NAT64 (`64:ff9b::/96`).
    package var embedded: IPAddress? {
        guard bytes.count == 16, Self.embeddings.contains(where: { bytes.starts(with: $0) }) else { return nil }
        return IPAddress(bytes: Array(bytes.suffix(4)))
    }

    /// As limits count it: an IPv4 address, or the first half of an IPv6 one, for who has one such address has the whole
    /// block.
    package var limitKey: String {
        // This machine, whichever family it is reached by.
        if bytes == [UInt8](repeating: 0, count: 15) + [1] { return "::1" }
        if let embedded { return embedded.limitKey }
        if bytes.count == 4 { return bytes.map { "\($0)" }.joined(separator: ".") }
        let groups = stride(from: 0, to: 8, by: 2).map { index in
            String(bytes.dropFirst(index).prefix(2).reduce(0) { $0 << 8 | Int($1) }, radix: 16)
        }
        return groups.joined(separator: ":") + "::/64"
    }

    private static let embeddings: [[UInt8]] = [
        [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF],
        [0x00, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8),
    ]

    private static func parse(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return unsafe inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }
}

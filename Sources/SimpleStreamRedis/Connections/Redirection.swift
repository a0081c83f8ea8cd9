/// What a node of a cluster says about a key that is not its own.
struct Redirection: Equatable {
    let slot: Int
    /// Where to go. An empty host means the one that was asked.
    let address: RedisConfiguration.Address
    /// `ASK`: only this time, while the key moves.
    let isForOnce: Bool

    init?(_ reply: RedisValue) {
        guard case .error(let text) = reply else { return nil }
        let words = text.split(separator: " ")
        guard words.count == 3, words[0] == "MOVED" || words[0] == "ASK", let slot = Int(words[1]),
            (0..<ClusterSlot.count).contains(slot)
        else { return nil }
        self.slot = slot
        isForOnce = words[0] == "ASK"
        if words[2].hasPrefix(":"), let port = Int(words[2].dropFirst()), (1...65535).contains(port) {
            address = RedisConfiguration.Address(host: "", port: port)
        } else if let colon = words[2].lastIndex(of: ":"), let port = Int(words[2][words[2].index(after: colon)...]),
            (1...65535).contains(port)
        {
            // An IPv6 address comes without brackets here.
            address = RedisConfiguration.Address(host: String(words[2][..<colon]), port: port)
        } else {
            return nil
        }
    }
}

/// Where a key of a cluster belongs, by the Redis Cluster specification.
enum ClusterSlot {
    static let count = 16384

    static func of(_ key: String) -> Int {
        let bytes = Array(key.utf8)
        guard let open = bytes.firstIndex(of: UInt8(ascii: "{")),
            let close = bytes[open...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        else { return Int(checksum(of: bytes[...])) % count }
        return Int(checksum(of: bytes[(open + 1)..<close])) % count
    }

    /// CRC-16 as in XMODEM.
    private static func checksum(of bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in
            (0..<8).reduce(sum ^ UInt16(byte) << 8) { value, _ in
                value & 0x8000 != 0 ? value << 1 ^ 0x1021 : value << 1
            }
        }
    }
}

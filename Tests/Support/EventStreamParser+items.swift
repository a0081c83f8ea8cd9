package import SimpleStreamKit

extension EventStreamParser {
    /// All that `bytes` hold, when they arrive in chunks of `chunkSize`.
    package static func items(
        of bytes: [UInt8],
        chunkSize: Int,
        limits: Limits = Limits()
    ) throws(ChatError) -> [Item] {
        var parser = EventStreamParser(limits: limits)
        var items: [Item] = []
        for start in stride(from: 0, to: bytes.count, by: chunkSize) {
            parser.append(Array(bytes[start..<min(start + chunkSize, bytes.count)]))
            while let item = try parser.next() { items.append(item) }
        }
        if let event = try parser.end() { items.append(.event(event)) }
        return items
    }
}

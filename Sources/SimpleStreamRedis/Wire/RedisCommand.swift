internal import CHiredis

/// A command and its arguments, any bytes.
struct RedisCommand: Sendable {
    private var bytes: [UInt8] = []
    private var lengths: [Int] = []

    init(_ words: String...) {
        for word in words { append(word) }
    }

    /// Adds an argument.
    mutating func append(_ text: String) {
        let start = bytes.count
        bytes += text.utf8
        lengths.append(bytes.count - start)
    }

    /// Adds an argument.
    mutating func append(_ argument: [UInt8]) {
        bytes += argument
        lengths.append(argument.count)
    }

    /// Appends the command as it goes over the wire.
    ///
    /// - Throws: `overloaded` when there is no memory for it.
    func encode(into wire: inout [UInt8]) throws(RedisError) {
        var target: UnsafeMutablePointer<CChar>?
        let count = unsafe bytes.withUnsafeBytes { all in
            // An argument without bytes may stand at any address.
            var next = unsafe all.baseAddress?.assumingMemoryBound(to: CChar.self)
            var arguments: [UnsafePointer<CChar>?] = unsafe []
            for length in lengths {
                unsafe arguments.append(next)
                unsafe next = next.map { unsafe $0 + length }
            }
            return unsafe Int(redisFormatCommandArgv(&target, Int32(clamping: lengths.count), &arguments, lengths))
        }
        guard count >= 0, let target = unsafe target else {
            throw RedisError(.overloaded, "There is no memory for a command.")
        }
        defer { unsafe redisFreeCommand(target) }
        unsafe wire += UnsafeRawBufferPointer(start: target, count: count)
    }
}
